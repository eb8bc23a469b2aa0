SELECT
  line.rug, line.box, line.dog_id, dog.name AS dog, trainer.name AS trainer, line.weight_g,
  0 AS reserve, coalesce(line.outcome = 'SCR', 0) AS scratched, line.place, line.won, line.placed,
  line.outcome, line.run_time_ms, line.winner_time_ms, line.sectional_ms, line.margin_cl,
  line.sp_price, line.bsp_price, line.place_bsp_price
FROM result_line AS line
LEFT JOIN dog ON dog.id = line.dog_id
LEFT JOIN trainer ON trainer.id = line.trainer_id
WHERE line.result_id = :result_id
ORDER BY line.rug
