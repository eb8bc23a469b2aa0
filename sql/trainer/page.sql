SELECT id, name, name_key
FROM trainer
WHERE name_key > :after_key AND name_key >= :from_key AND name_key < :until_key
ORDER BY name_key
LIMIT :limit
