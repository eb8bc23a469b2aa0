SELECT even_mean, slow_mean, quick_mean, place_mean
FROM class_prior
WHERE class = :class AND day < :day AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :as_of_ms)
ORDER BY day DESC, known_at_ms DESC
LIMIT 1
