SELECT known_at_ms, digest
FROM card
WHERE race_id = :race_id AND source = :source AND known_at_ms = :known_at_ms AND digest = :digest
