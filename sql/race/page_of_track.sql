SELECT
  race.id, race.day, race.number, race.local_time, race.distance_m, race.grade, race.name,
  race.jump_at_ms, race.status, race.complete, race.revision, race.updated_at_ms, race.circuit_id,
  circuit.seconds_per_length, meeting.session, track.slug, track.name AS track_name, track.zone
FROM meeting
CROSS JOIN race ON race.meeting_id = meeting.id
CROSS JOIN track ON track.id = meeting.track_id
CROSS JOIN circuit ON circuit.id = race.circuit_id
WHERE meeting.track_id = :track_id
  AND meeting.day BETWEEN :from AND :until
  AND (race.day, race.id) < (:after_day, :after_id)
  AND (:status IS NULL OR race.status = :status)
  AND (:grade IS NULL OR race.grade = :grade)
  AND (:distance_m IS NULL OR race.distance_m = :distance_m)
ORDER BY meeting.day DESC, race.id DESC
LIMIT :limit OFFSET :offset
