SELECT circuit_id, distance_m, known_at_ms, time_s, races
FROM par
WHERE day = :day AND gone_at_ms IS NULL
