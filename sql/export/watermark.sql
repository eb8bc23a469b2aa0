SELECT
  (SELECT coalesce(max(id), 0) FROM race) AS last_race_id,
  (SELECT coalesce(max(id), 0) FROM dog) AS last_dog_id
