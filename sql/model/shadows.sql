SELECT digest
FROM model
WHERE active = 0
ORDER BY id DESC
LIMIT :limit
