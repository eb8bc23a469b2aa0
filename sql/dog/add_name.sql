INSERT OR IGNORE INTO dog_name (name_key, country, dog_id, name)
SELECT :name_key, country, id, :name
FROM dog
WHERE id = :dog_id
