SELECT max(known_at_ms) AS known_at_ms
FROM rating
WHERE day < :day AND day >= :from AND gone_at_ms IS NULL
