DELETE FROM run
WHERE day = :day
  AND race_id = :race_id
  AND dog_id IN (
    SELECT dog_id FROM runner WHERE race_id = :race_id
    UNION
    SELECT result_line.dog_id
    FROM result
    JOIN result_line ON result_line.result_id = result.id
    WHERE result.race_id = :race_id)
RETURNING dog_id, circuit_id, day, gone_at_ms IS NULL AS stands
