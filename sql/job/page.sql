SELECT id, kind, spec, state, attempt, interruptions, cancelling, due_at_ms, done, total, created_at_ms,
  started_at_ms, finished_at_ms, checkpoint, report, error
FROM job
WHERE id < :after AND (:kind IS NULL OR kind = :kind) AND (:state IS NULL OR state = :state)
ORDER BY id DESC
LIMIT :limit
