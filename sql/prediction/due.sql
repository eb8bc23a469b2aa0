SELECT race.day, track.slug, meeting.session, race.number, race.local_time
FROM race
CROSS JOIN meeting ON meeting.id = race.meeting_id
CROSS JOIN track ON track.id = meeting.track_id
WHERE race.status = 'open' AND race.jump_at_ms > :now_ms AND race.jump_at_ms <= :now_ms + :lead_ms
  AND NOT EXISTS (
    SELECT 1
    FROM prediction
    WHERE prediction.race_id = race.id
      AND prediction.as_of_ms >= max(race.updated_at_ms, race.jump_at_ms - :lead_ms)
  )
  AND EXISTS (SELECT 1 FROM runner WHERE runner.race_id = race.id AND runner.scratched = 0)
  AND EXISTS (SELECT 1 FROM model WHERE active = 1)
ORDER BY race.jump_at_ms
LIMIT :limit
