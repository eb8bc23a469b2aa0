UPDATE job
SET state = 'queued', lease_until_ms = NULL, attempt = attempt + 1, due_at_ms = :due_at_ms, error = :error
WHERE id = :id AND state = 'running'
