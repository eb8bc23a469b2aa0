SELECT id, digest, created_at_ms, trained_until, active, length(artifact) AS bytes, report
FROM model
WHERE id < :after
ORDER BY id DESC
LIMIT :limit
