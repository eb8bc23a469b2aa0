SELECT
  meeting.id, meeting.day, meeting.session, track.slug, track.name,
  (SELECT count(*) FROM race WHERE race.meeting_id = meeting.id) AS races,
  (SELECT min(race.jump_at_ms) FROM race WHERE race.meeting_id = meeting.id) AS first_jump_at_ms,
  (SELECT max(race.jump_at_ms) FROM race WHERE race.meeting_id = meeting.id) AS last_jump_at_ms
FROM meeting
CROSS JOIN track ON track.id = meeting.track_id
WHERE meeting.day BETWEEN :from AND :until
  AND (meeting.day, meeting.id) < (:after_day, :after_id)
ORDER BY meeting.day DESC, meeting.id DESC
LIMIT :limit
