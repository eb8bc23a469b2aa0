SELECT
  day, known_at_ms, gone_at_ms, source, circuit_id, distance_m, rug, grade, box, field_size, trial,
  place, won, placed, outcome, run_time_ms, winner_time_ms, best_of_night_ms, sectional_ms,
  margin_cl, weight_g, positions, other, sp_price, bsp_price, place_bsp_price, comment
FROM run
WHERE dog_id = :dog_id
  AND day < :day
  AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :since_ms)
ORDER BY day DESC
LIMIT :limit
