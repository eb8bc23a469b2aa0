SELECT circuit_id, distance_m, box, max(day) AS day, total, place_total, starts
FROM box_bias
WHERE day < :day AND gone_at_ms IS NULL
GROUP BY circuit_id, distance_m, box
