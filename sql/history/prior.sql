SELECT day, known_at_ms, gone_at_ms, even_mean, slow_mean, quick_mean, place_mean
FROM class_prior
WHERE class = :class AND day < :day AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :since_ms)
  AND day >= coalesce((
    SELECT sure.day
    FROM class_prior AS sure
    WHERE sure.class = :class AND sure.day < :from AND sure.known_at_ms <= :since_ms
      AND (sure.gone_at_ms IS NULL OR sure.gone_at_ms > :as_of_ms)
    ORDER BY sure.day DESC
    LIMIT 1), '')
ORDER BY day DESC, known_at_ms DESC
