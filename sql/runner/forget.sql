DELETE FROM runner
WHERE race_id = :race_id
