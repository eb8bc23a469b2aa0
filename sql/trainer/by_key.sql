SELECT id
FROM trainer
WHERE name_key = :name_key
