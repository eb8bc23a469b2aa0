SELECT
  race.id, race.day, race.number, race.local_time, race.distance_m, race.grade, race.name,
  race.jump_at_ms, race.status, race.complete, race.revision, race.updated_at_ms, race.circuit_id,
  circuit.seconds_per_length, meeting.session, track.slug, track.name AS track_name, track.zone
FROM race
CROSS JOIN meeting ON meeting.id = race.meeting_id
CROSS JOIN track ON track.id = meeting.track_id
CROSS JOIN circuit ON circuit.id = race.circuit_id
WHERE race.day BETWEEN :from AND :until
  AND (race.day, race.id) > (:after_day, :after_id)
  AND race.id <= :last_id
  AND (:track_id IS NULL OR meeting.track_id = :track_id)
ORDER BY race.day, race.id
LIMIT :limit
