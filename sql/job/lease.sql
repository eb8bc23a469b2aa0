UPDATE job
SET state = 'running', lease_until_ms = :lease_until_ms, started_at_ms = coalesce(started_at_ms, :now_ms)
WHERE id = (
  SELECT id
  FROM job
  WHERE state = 'queued' AND kind = :kind AND due_at_ms <= :now_ms
  ORDER BY due_at_ms
  LIMIT 1
)
RETURNING id, kind, spec, state, attempt, interruptions, cancelling, due_at_ms, done, total, created_at_ms,
  started_at_ms, finished_at_ms, checkpoint, report, error
