SELECT total, place_total, starts
FROM box_bias
WHERE circuit_id = :circuit_id
  AND distance_m = :distance_m
  AND box = :box
  AND day < :day
  AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :as_of_ms)
ORDER BY day DESC, known_at_ms DESC
LIMIT 1
