UPDATE job
SET state = 'cancelled', finished_at_ms = :now_ms
WHERE id = :id AND state = 'queued'
