SELECT dog_id
FROM dog_ref
WHERE dog_id = :dog_id AND source = :source
LIMIT 1
