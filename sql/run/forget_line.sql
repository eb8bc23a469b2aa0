DELETE FROM run
WHERE dog_id = :dog_id
  AND day = :day
  AND circuit_id = :circuit_id
  AND distance_m = :distance_m
  AND rug = :rug
  AND source = :source
  AND race_id = 0
  AND number = :number
  AND known_at_ms = :known_at_ms
RETURNING dog_id, circuit_id, day, gone_at_ms IS NULL AS stands
