SELECT id, name, received_at_ms
FROM payload
WHERE source = :source AND received_at_ms >= :since_ms AND id > :after
ORDER BY received_at_ms, id
LIMIT :limit
