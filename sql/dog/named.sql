SELECT dog_id, name
FROM dog_name
WHERE name_key = :name_key AND country = :country
ORDER BY dog_id, name
LIMIT 50
