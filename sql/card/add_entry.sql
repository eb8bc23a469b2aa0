INSERT INTO entry (card_id, rug, box, dog_id, trainer_id, weight_g, reserve, scratched)
VALUES (:card_id, :rug, :box, :dog_id, :trainer_id, :weight_g, :reserve, :scratched)
