SELECT id, kind, spec, state, attempt, interruptions, cancelling, due_at_ms, done, total, created_at_ms,
  started_at_ms, finished_at_ms, checkpoint, report, error
FROM job
WHERE id = :id
