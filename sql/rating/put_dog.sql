INSERT INTO rating (dog_id, day, known_at_ms, mean, variance, races, last)
VALUES (:dog_id, :day, :known_at_ms, :mean, :variance, :races, :last)
