SELECT circuit_id, distance_m, box, max(day) AS day, total, starts
FROM box_bias
WHERE day < :day
GROUP BY circuit_id, distance_m, box
