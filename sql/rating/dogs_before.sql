SELECT dog_id, max(day) AS day, mean, variance, races, last
FROM rating
WHERE day < :day AND gone_at_ms IS NULL
GROUP BY dog_id
