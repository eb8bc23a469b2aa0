SELECT id, meeting_id, day, number, local_time, circuit_id
FROM race
WHERE meeting_id = :meeting_id AND local_time = :local_time
ORDER BY id
LIMIT 2
