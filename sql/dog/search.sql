SELECT
  dog_name.name_key, dog_name.country AS register, dog.id, dog.name, dog.country, dog.sex,
  dog.whelped, dog.sire, dog.dam
FROM dog_name
CROSS JOIN dog ON dog.id = dog_name.dog_id
WHERE (dog_name.name_key, dog_name.country, dog_name.dog_id) > (:after_key, :after_country, :after_id)
  AND dog_name.name_key < :until_key
  AND NOT EXISTS (
    SELECT 1
    FROM dog_name AS earlier
    WHERE earlier.dog_id = dog_name.dog_id
      AND earlier.name_key >= :prefix
      AND earlier.name_key < dog_name.name_key)
GROUP BY dog_name.name_key, dog_name.country, dog_name.dog_id
ORDER BY dog_name.name_key, dog_name.country, dog_name.dog_id
LIMIT :limit
