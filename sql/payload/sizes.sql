SELECT id, received_at_ms, length(body) AS bytes
FROM payload
ORDER BY received_at_ms DESC
LIMIT :limit
