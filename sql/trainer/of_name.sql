SELECT id, name, name_key
FROM trainer
WHERE name_key = :name_key
