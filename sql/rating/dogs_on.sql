SELECT dog_id, day, known_at_ms, mean, variance, races, last
FROM rating
WHERE day = :day AND gone_at_ms IS NULL
