SELECT subject, track_id, subject_id, starts, wins, priced, profit_milli
FROM summary_score
