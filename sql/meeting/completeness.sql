SELECT
  race.day, track.slug, meeting.session, race.number, race.local_time, race.status, race.jump_at_ms,
  EXISTS (SELECT 1 FROM card WHERE card.race_id = race.id) AS carded,
  EXISTS (SELECT 1 FROM price WHERE price.race_id = race.id) AS priced,
  EXISTS (SELECT 1 FROM prediction WHERE prediction.race_id = race.id) AS predicted
FROM meeting
CROSS JOIN track ON track.id = meeting.track_id
CROSS JOIN race ON race.meeting_id = meeting.id
WHERE meeting.day = :day AND track.slug = :track AND meeting.session = :session
ORDER BY race.number, race.local_time
LIMIT 100
