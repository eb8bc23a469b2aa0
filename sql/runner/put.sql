INSERT INTO runner (
  race_id, rug, box, dog_id, trainer_id, weight_g, reserve, scratched, place, won, placed, outcome,
  run_time_ms, winner_time_ms, sectional_ms, margin_cl, sp_price, bsp_price)
VALUES (
  :race_id, :rug, :box, :dog_id, :trainer_id, :weight_g, :reserve, :scratched, :place, :won, :placed, :outcome,
  :run_time_ms, :winner_time_ms, :sectional_ms, :margin_cl, :sp_price, :bsp_price)
ON CONFLICT (race_id, rug) DO UPDATE SET
  box = excluded.box,
  dog_id = excluded.dog_id,
  trainer_id = excluded.trainer_id,
  weight_g = excluded.weight_g,
  reserve = excluded.reserve,
  scratched = excluded.scratched,
  place = excluded.place,
  won = excluded.won,
  placed = excluded.placed,
  outcome = excluded.outcome,
  run_time_ms = excluded.run_time_ms,
  winner_time_ms = excluded.winner_time_ms,
  sectional_ms = excluded.sectional_ms,
  margin_cl = excluded.margin_cl,
  sp_price = excluded.sp_price,
  bsp_price = excluded.bsp_price
