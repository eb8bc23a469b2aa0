SELECT
  dog.id, dog.country, dog.sex, dog.whelped, dog.sire, dog.dam, dog_name.name,
  EXISTS (SELECT 1 FROM dog_ref WHERE dog_ref.dog_id = dog.id AND dog_ref.source = :source) AS has_ref
FROM dog_name
JOIN dog ON dog.id = dog_name.dog_id
WHERE dog_name.name_key = :name_key
ORDER BY dog.id
LIMIT 50
