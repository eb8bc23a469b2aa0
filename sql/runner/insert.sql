INSERT INTO runner (
  race_id, rug, box, dog_id, trainer_id, weight_g, reserve, scratched, place, won, placed, outcome,
  run_time_ms, winner_time_ms, sectional_ms, margin_cl, sp_price, bsp_price,
  place_bsp_price)
VALUES (
  :race_id, :rug, :box, :dog_id, :trainer_id, :weight_g, :reserve, :scratched, :place, :won, :placed, :outcome,
  :run_time_ms, :winner_time_ms, :sectional_ms, :margin_cl, :sp_price, :bsp_price,
  :place_bsp_price)
