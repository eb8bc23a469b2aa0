SELECT race.id, race.day, race.status, race.complete, meeting.track_id
FROM race
CROSS JOIN meeting ON meeting.id = race.meeting_id
WHERE race.day = :day
  AND race.status IN ('official', 'amended')
  AND (:track_id = 0 OR meeting.track_id = :track_id)
ORDER BY race.id
