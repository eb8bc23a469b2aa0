SELECT
  day, known_at_ms, gone_at_ms, races, even_mean, even_variance, slow_mean, slow_variance,
  quick_mean, quick_variance, place_mean, place_variance, look, place_look, surprise,
  place_surprise, field, noise, luck, place_luck, race_id
FROM rating
WHERE dog_id = :dog_id AND day < :day AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :since_ms)
ORDER BY day DESC, known_at_ms DESC
LIMIT :limit
