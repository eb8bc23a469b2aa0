SELECT id, name, name_key
FROM trainer
WHERE id = :id
