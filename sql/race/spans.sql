SELECT
  track.zone,
  (SELECT meeting.day
   FROM meeting
   JOIN race ON race.meeting_id = meeting.id
   WHERE meeting.track_id = track.id
     AND meeting.day >= :day
     AND race.status IN ('official', 'amended')
   ORDER BY meeting.day
   LIMIT 1) AS first_day,
  (SELECT meeting.day
   FROM meeting
   JOIN race ON race.meeting_id = meeting.id
   WHERE meeting.track_id = track.id
     AND meeting.day >= :day
     AND race.status IN ('official', 'amended')
   ORDER BY meeting.day DESC
   LIMIT 1) AS last_day
FROM track
