SELECT count(*) AS total
FROM (
  SELECT race.id
  FROM race
  WHERE race.day BETWEEN :from AND :until
    AND (:status IS NULL OR race.status = :status)
    AND (:grade IS NULL OR race.grade = :grade)
    AND (:distance_m IS NULL OR race.distance_m = :distance_m)
  LIMIT :most)
