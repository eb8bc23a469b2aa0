SELECT rug, kind, source, at_ms, known_at_ms, win_price, place_price
FROM (
  SELECT
    rug, kind, source, at_ms, known_at_ms, win_price, place_price,
    row_number() OVER (PARTITION BY source, kind, rug ORDER BY at_ms DESC, known_at_ms DESC) AS age
  FROM price
  WHERE race_id = :race_id)
WHERE age = 1
ORDER BY source, kind, rug
LIMIT 500
