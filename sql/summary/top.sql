SELECT subject_id, starts, wins, priced, profit_milli
FROM summary_score
WHERE subject = :subject AND track_id = :track_id AND starts >= :min_starts AND (:by <> 'profit' OR priced > 0)
ORDER BY
  CASE :by
    WHEN 'starts' THEN starts
    WHEN 'wins' THEN wins
    WHEN 'profit' THEN profit_milli
    ELSE CAST(wins AS REAL) / starts
  END DESC,
  starts DESC, subject_id
LIMIT :limit
