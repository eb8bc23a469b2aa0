INSERT INTO race (meeting_id, day, number, local_time, circuit_id, status, complete, revision, updated_at_ms)
VALUES (:meeting_id, :day, :number, :local_time, :circuit_id, 'open', 0, 1, :now_ms)
