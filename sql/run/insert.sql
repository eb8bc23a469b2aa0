INSERT INTO run (
  dog_id, day, circuit_id, distance_m, rug, source, known_at_ms, gone_at_ms, race_id, number, grade,
  box, field_size, trial, trainer_id, place, won, placed, outcome, run_time_ms, winner_time_ms,
  best_of_night_ms, sectional_ms, margin_cl, weight_g, positions, other, sp_price, bsp_price,
  place_bsp_price, comment)
VALUES (
  :dog_id, :day, :circuit_id, :distance_m, :rug, :source, :known_at_ms, :gone_at_ms, :race_id, :number, :grade,
  :box, :field_size, :trial, :trainer_id, :place, :won, :placed, :outcome, :run_time_ms, :winner_time_ms,
  :best_of_night_ms, :sectional_ms, :margin_cl, :weight_g, :positions, :other, :sp_price, :bsp_price,
  :place_bsp_price, :comment)
