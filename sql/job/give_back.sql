UPDATE job
SET state = 'queued', lease_until_ms = NULL, due_at_ms = :now_ms
WHERE id = :id AND state = 'running'
