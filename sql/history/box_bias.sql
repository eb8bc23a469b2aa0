SELECT day, known_at_ms, gone_at_ms, total, place_total, starts
FROM box_bias
WHERE circuit_id = :circuit_id
  AND distance_m = :distance_m
  AND box = :box
  AND day < :day
  AND known_at_ms <= :as_of_ms
  AND (gone_at_ms IS NULL OR gone_at_ms > :since_ms)
  AND day >= coalesce((
    SELECT sure.day
    FROM box_bias AS sure
    WHERE sure.circuit_id = :circuit_id AND sure.distance_m = :distance_m AND sure.box = :box
      AND sure.day < :from AND sure.known_at_ms <= :since_ms
      AND (sure.gone_at_ms IS NULL OR sure.gone_at_ms > :as_of_ms)
    ORDER BY sure.day DESC
    LIMIT 1), '')
ORDER BY day DESC, known_at_ms DESC
