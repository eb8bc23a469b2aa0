SELECT id, digest, created_at_ms, trained_until, active, length(artifact) AS bytes, report
FROM model
WHERE digest >= :prefix AND digest < :prefix || 'g'
ORDER BY digest
LIMIT 2
