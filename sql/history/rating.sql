SELECT day, mean, variance, races, last
FROM rating
WHERE dog_id = :dog_id AND day < :day AND known_at_ms <= :as_of_ms
ORDER BY day DESC
LIMIT 1
