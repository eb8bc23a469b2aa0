SELECT circuit_id, distance_m, max(day) AS day, time_s, races
FROM par
WHERE day < :day AND gone_at_ms IS NULL
GROUP BY circuit_id, distance_m
