SELECT time_s, races
FROM par
WHERE circuit_id = :circuit_id AND distance_m = :distance_m AND day < :day AND known_at_ms <= :as_of_ms
ORDER BY day DESC
LIMIT 1
