SELECT id, digest
FROM payload
WHERE source = :source AND name = :name
ORDER BY id DESC
LIMIT 1
