SELECT
  runner.rug, runner.box, runner.dog_id, dog.name AS dog, trainer.name AS trainer, runner.weight_g,
  runner.reserve, runner.scratched, runner.place, runner.won, runner.placed, runner.outcome,
  runner.run_time_ms, runner.winner_time_ms, runner.sectional_ms, runner.margin_cl, runner.sp_price,
  runner.bsp_price, runner.place_bsp_price, runner.race_id
FROM race
CROSS JOIN runner ON runner.race_id = race.id
LEFT JOIN dog ON dog.id = runner.dog_id
LEFT JOIN trainer ON trainer.id = runner.trainer_id
WHERE race.day = :day AND race.complete = 1 AND race.status IN ('official', 'amended')
ORDER BY race.id, runner.rug
