SELECT circuit_id, distance_m, box, known_at_ms, total, place_total, starts
FROM box_bias
WHERE day = :day AND gone_at_ms IS NULL
