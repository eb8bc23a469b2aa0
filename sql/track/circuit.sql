SELECT circuit.id, circuit.seconds_per_length
FROM circuit
LEFT JOIN circuit_distance
  ON circuit_distance.track_id = circuit.track_id
  AND circuit_distance.distance_m = :distance_m
  AND circuit_distance.circuit_id = circuit.id
WHERE circuit.track_id = :track_id
  AND (circuit.main = 1 OR circuit_distance.circuit_id IS NOT NULL)
ORDER BY
  circuit_distance.circuit_id IS NULL,
  (circuit.valid_from <= :day AND (circuit.valid_to IS NULL OR circuit.valid_to >= :day)) DESC,
  circuit.id
LIMIT 1
