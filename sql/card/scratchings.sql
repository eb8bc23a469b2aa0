SELECT rug, known_at_ms, replaced_by_rug, box
FROM scratching
WHERE race_id = :race_id AND known_at_ms <= :as_of_ms
ORDER BY known_at_ms, rug
