SELECT
  id, source, known_at_ms, recorded_at_ms, distance_m, grade, name, prize, jump_at_ms,
  NULL AS status
FROM card
WHERE race_id = :race_id
ORDER BY recorded_at_ms, known_at_ms, id
LIMIT 500
