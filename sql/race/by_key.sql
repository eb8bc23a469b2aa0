SELECT
  race.id, race.day, race.number, race.local_time, race.distance_m, race.grade, race.name,
  race.jump_at_ms, race.status, race.complete, race.revision, race.updated_at_ms, race.circuit_id,
  circuit.seconds_per_length, meeting.session, track.slug, track.name AS track_name, track.zone
FROM track
JOIN meeting ON meeting.track_id = track.id
JOIN race ON race.meeting_id = meeting.id
JOIN circuit ON circuit.id = race.circuit_id
WHERE track.slug = :slug
  AND meeting.day = :day
  AND meeting.session = :session
  AND ((:number IS NOT NULL AND race.number = :number) OR (:local_time IS NOT NULL AND race.local_time = :local_time))
LIMIT 1
