SELECT race.day, track.slug, meeting.session, race.number, race.local_time
FROM race
CROSS JOIN meeting ON meeting.id = race.meeting_id
CROSS JOIN track ON track.id = meeting.track_id
WHERE race.status = 'open' AND race.jump_at_ms IS NULL AND race.day BETWEEN :from AND :until
  AND NOT EXISTS (
    SELECT 1
    FROM prediction
    WHERE prediction.race_id = race.id AND prediction.as_of_ms >= race.updated_at_ms
  )
  AND EXISTS (SELECT 1 FROM runner WHERE runner.race_id = race.id AND runner.scratched = 0)
  AND EXISTS (SELECT 1 FROM model WHERE active = 1)
LIMIT :limit
