SELECT DISTINCT dog_id
FROM dog_name
WHERE name_key = :name_key
ORDER BY dog_id
LIMIT 50
