SELECT race.id, race.day, race.status, race.complete, meeting.track_id
FROM race
CROSS JOIN meeting ON meeting.id = race.meeting_id
WHERE race.id = :race_id
