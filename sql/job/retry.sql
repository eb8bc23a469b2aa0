UPDATE job
SET state = 'queued', attempt = 0, interruptions = 0, cancelling = 0, due_at_ms = :now_ms, error = NULL,
  finished_at_ms = NULL, started_at_ms = NULL, report = NULL, checkpoint = NULL, done = 0, total = NULL
WHERE id = :id AND state IN ('failed', 'cancelled')
  AND NOT EXISTS (
    SELECT 1
    FROM job AS other
    WHERE other.dedup_key = job.dedup_key AND other.state IN ('queued', 'running')
  )
