SELECT race.id AS race_id, race.day, prediction.chances
FROM race
CROSS JOIN prediction ON prediction.race_id = race.id AND prediction.model_id = :model_id
WHERE race.day BETWEEN :from AND :until
  AND race.complete = 1
  AND race.status IN ('official', 'amended')
  AND prediction.as_of_ms = (
    SELECT max(word.as_of_ms)
    FROM prediction AS word
    WHERE word.race_id = race.id
      AND word.model_id = :model_id
      AND (race.jump_at_ms IS NULL OR word.made_at_ms < race.jump_at_ms))
ORDER BY race.day DESC, race.id DESC
LIMIT :limit
