SELECT DISTINCT name
FROM dog_name
WHERE dog_id = :dog_id
ORDER BY name
LIMIT 50
