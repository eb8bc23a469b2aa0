SELECT id, source, known_at_ms, distance_m, grade, name, jump_at_ms
FROM card
WHERE race_id = :race_id AND known_at_ms <= :as_of_ms
ORDER BY known_at_ms, source, digest
