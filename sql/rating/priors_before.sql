SELECT class, max(day) AS day, dogs, even_mean, slow_mean, quick_mean, place_mean
FROM class_prior
WHERE day < :day AND gone_at_ms IS NULL
GROUP BY class
