INSERT INTO result_line (
  result_id, rug, box, dog_id, trainer_id, place, won, placed, outcome, run_time_ms, winner_time_ms,
  best_of_night_ms, sectional_ms, margin_cl, weight_g, positions, other, sp_price, bsp_price,
  place_bsp_price, comment)
VALUES (
  :result_id, :rug, :box, :dog_id, :trainer_id, :place, :won, :placed, :outcome, :run_time_ms, :winner_time_ms,
  :best_of_night_ms, :sectional_ms, :margin_cl, :weight_g, :positions, :other, :sp_price, :bsp_price,
  :place_bsp_price, :comment)
