SELECT class, known_at_ms, dogs, even_mean, slow_mean, quick_mean, place_mean
FROM class_prior
WHERE day = :day AND gone_at_ms IS NULL
