SELECT
  entry.rug, entry.box, entry.dog_id, dog.name AS dog, trainer.name AS trainer, entry.weight_g,
  entry.reserve, entry.scratched, NULL AS place, NULL AS won, NULL AS placed, NULL AS outcome,
  NULL AS run_time_ms, NULL AS winner_time_ms, NULL AS sectional_ms, NULL AS margin_cl,
  NULL AS sp_price, NULL AS bsp_price, NULL AS place_bsp_price
FROM entry
JOIN dog ON dog.id = entry.dog_id
LEFT JOIN trainer ON trainer.id = entry.trainer_id
WHERE entry.card_id = :card_id
ORDER BY entry.rug
