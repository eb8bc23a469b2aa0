SELECT distance_m
FROM circuit_distance
WHERE track_id = :track_id AND circuit_id = :circuit_id
ORDER BY distance_m
LIMIT 100
