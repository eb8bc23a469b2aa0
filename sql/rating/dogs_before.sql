SELECT dog_id, max(day) AS day, mean, variance, races, last
FROM rating
WHERE day < :day
GROUP BY dog_id
