SELECT
  race.id AS race_id, race.day, race.number, race.local_time, meeting.session, track.slug,
  prediction.model_id, model.digest AS model, prediction.as_of_ms, prediction.made_at_ms,
  prediction.chances
FROM race
CROSS JOIN prediction ON prediction.race_id = race.id AND prediction.shadow = 0
CROSS JOIN model ON model.id = prediction.model_id
CROSS JOIN meeting ON meeting.id = race.meeting_id
CROSS JOIN track ON track.id = meeting.track_id
WHERE race.day BETWEEN :from AND :until
  AND (race.day, race.id) >= (:after_day, :after_id)
  AND race.id <= :last_id
  AND ((race.day, race.id) > (:after_day, :after_id)
    OR (prediction.model_id, prediction.as_of_ms) > (:model_id, :as_of_ms))
  AND (:track_id IS NULL OR meeting.track_id = :track_id)
ORDER BY race.day, race.id, prediction.model_id, prediction.as_of_ms
LIMIT :limit
