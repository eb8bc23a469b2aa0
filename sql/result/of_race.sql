SELECT id, source, status, partial, known_at_ms, distance_m, grade, name, jump_at_ms
FROM result
WHERE race_id = :race_id
ORDER BY known_at_ms, source, digest
