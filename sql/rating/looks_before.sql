SELECT
  dog_id, day, races, even_mean, even_variance, slow_mean, slow_variance, quick_mean, quick_variance,
  place_mean, place_variance, look, place_look, surprise, place_surprise, field, noise, luck, place_luck, race_id
FROM rating INDEXED BY rating_by_day
WHERE day >= :from AND day < :day AND gone_at_ms IS NULL
ORDER BY day
