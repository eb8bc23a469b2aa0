SELECT
  known_at_ms, grade, box, field_size, trial, trainer_id, place, won, placed, outcome,
  run_time_ms, winner_time_ms, best_of_night_ms, sectional_ms, margin_cl, weight_g, positions,
  other, sp_price, bsp_price, place_bsp_price, comment
FROM run
WHERE dog_id = :dog_id
  AND day = :day
  AND circuit_id = :circuit_id
  AND distance_m = :distance_m
  AND rug = :rug
  AND source = :source
  AND race_id = 0
  AND number = :number
ORDER BY known_at_ms DESC
LIMIT 20
