SELECT id, name, received_at_ms,
  (
    SELECT day
    FROM collection
    WHERE collection.source = payload.source AND collection.name = payload.name
    ORDER BY collection.id DESC
    LIMIT 1
  ) AS day
FROM payload
WHERE source = :source AND received_at_ms >= :since_ms AND id > :after
ORDER BY received_at_ms, id
LIMIT :limit
