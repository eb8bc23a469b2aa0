UPDATE run
SET gone_at_ms = :gone_at_ms
WHERE dog_id = :dog_id
  AND day = :day
  AND circuit_id = :circuit_id
  AND distance_m = :distance_m
  AND rug = :rug
  AND source = :source
  AND race_id = 0
  AND number = :number
  AND gone_at_ms IS NULL
