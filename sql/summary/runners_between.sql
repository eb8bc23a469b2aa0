SELECT dog_id, trainer_id, scratched, won, place, outcome, sp_price, bsp_price, race_id
FROM runner
WHERE race_id BETWEEN :from_id AND :until_id
ORDER BY race_id, rug
