SELECT
  race.id AS race_id, race.day, race.number, race.local_time, meeting.session, track.slug,
  price.kind, price.rug, price.at_ms, price.source, price.win_price, price.place_price,
  price.known_at_ms, price.recorded_at_ms
FROM race
CROSS JOIN price ON price.race_id = race.id
CROSS JOIN meeting ON meeting.id = race.meeting_id
CROSS JOIN track ON track.id = meeting.track_id
WHERE race.day BETWEEN :from AND :until
  AND (race.day, race.id) >= (:after_day, :after_id)
  AND race.id <= :last_id
  AND ((race.day, race.id) > (:after_day, :after_id)
    OR (price.kind, price.rug, price.at_ms, price.source, price.known_at_ms)
      > (:kind, :rug, :at_ms, :source, :known_at_ms))
  AND (:track_id IS NULL OR meeting.track_id = :track_id)
ORDER BY
  race.day, race.id, price.kind, price.rug, price.at_ms, price.source, price.known_at_ms
LIMIT :limit
