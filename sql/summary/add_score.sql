INSERT INTO summary_score (subject, track_id, subject_id, starts, wins, priced, profit_milli)
VALUES (:subject, :track_id, :subject_id, :starts, :wins, :priced, :profit_milli)
ON CONFLICT (subject, track_id, subject_id) DO UPDATE SET
  starts = starts + excluded.starts,
  wins = wins + excluded.wins,
  priced = priced + excluded.priced,
  profit_milli = profit_milli + excluded.profit_milli
