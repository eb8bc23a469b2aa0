SELECT
  race.id, race.day, race.number, race.local_time, race.distance_m, race.grade, race.name,
  race.jump_at_ms, race.status, race.complete, race.revision, race.updated_at_ms, race.circuit_id,
  circuit.seconds_per_length, meeting.session, track.slug, track.name AS track_name, track.zone
FROM race
JOIN meeting ON meeting.id = race.meeting_id
JOIN track ON track.id = meeting.track_id
JOIN circuit ON circuit.id = race.circuit_id
WHERE race.day = :day
ORDER BY race.jump_at_ms, track.slug, meeting.session, race.number, race.local_time
LIMIT 500
