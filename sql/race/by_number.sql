SELECT id, meeting_id, day, number, local_time, circuit_id
FROM race
WHERE meeting_id = :meeting_id AND number = :number
