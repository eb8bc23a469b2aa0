SELECT rug, box, dog_id, trainer_id, weight_g, reserve, scratched
FROM entry
WHERE card_id = :card_id
ORDER BY rug
