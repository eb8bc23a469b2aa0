SELECT id
FROM job
WHERE state = 'queued' AND kind = :kind AND due_at_ms <= :now_ms
LIMIT 1
