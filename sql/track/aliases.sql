SELECT DISTINCT code, source, scope, distance_m
FROM track_alias
WHERE track_id = :track_id
ORDER BY code, source, scope, distance_m
LIMIT 500
