SELECT dog_id, trainer_id, scratched, won, place, outcome, sp_price, bsp_price
FROM runner
WHERE race_id = :race_id
ORDER BY rug
