INSERT INTO summary_track (track_id, races, first_day, last_day)
VALUES (:track_id, :races, :first_day, :last_day)
ON CONFLICT (track_id) DO UPDATE SET
  races = races + excluded.races,
  first_day = min(first_day, excluded.first_day),
  last_day = max(last_day, excluded.last_day)
