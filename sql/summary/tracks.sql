SELECT track_id, races, first_day, last_day
FROM summary_track
