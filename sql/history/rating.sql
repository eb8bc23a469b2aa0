SELECT day, mean, variance, races, last
FROM rating
WHERE dog_id = :dog_id AND day < :day AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :as_of_ms)
ORDER BY day DESC, known_at_ms DESC
LIMIT 1
