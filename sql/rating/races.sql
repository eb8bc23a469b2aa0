SELECT
  race.id, race.circuit_id, race.distance_m, race.grade, race.day,
  (SELECT max(result.known_at_ms)
   FROM result
   WHERE result.race_id = race.id AND result.status IN ('official', 'amended')) AS known_at_ms
FROM race
JOIN meeting ON meeting.id = race.meeting_id
JOIN track ON track.id = meeting.track_id
WHERE race.day = :day
  AND race.complete = 1
  AND race.status IN ('official', 'amended')
  AND race.distance_m IS NOT NULL
ORDER BY known_at_ms, track.slug, meeting.session, race.number, race.local_time
