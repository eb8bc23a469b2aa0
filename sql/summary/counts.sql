SELECT
  (SELECT count(*) FROM dog) AS dogs,
  (SELECT count(*) FROM trainer) AS trainers,
  (SELECT coalesce(max(id), 0) FROM dog) AS last_dog
