SELECT count(*) AS total
FROM (
  SELECT race.id
  FROM runner
  CROSS JOIN race ON race.id = runner.race_id
  CROSS JOIN meeting ON meeting.id = race.meeting_id
  WHERE runner.dog_id = :dog_id
    AND race.day BETWEEN :from AND :until
    AND (:track_id IS NULL OR meeting.track_id = :track_id)
    AND (:status IS NULL OR race.status = :status)
    AND (:grade IS NULL OR race.grade = :grade)
    AND (:distance_m IS NULL OR race.distance_m = :distance_m)
  LIMIT :most)
