SELECT
  rug, box, dog_id, trainer_id, place, won, placed, outcome, run_time_ms, winner_time_ms,
  best_of_night_ms, sectional_ms, margin_cl, weight_g, positions, other, sp_price, bsp_price,
  place_bsp_price, comment
FROM result_line
WHERE result_id = :result_id
ORDER BY rug
