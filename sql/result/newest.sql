SELECT known_at_ms, digest
FROM result
WHERE race_id = :race_id AND source = :source
ORDER BY known_at_ms DESC, digest DESC
LIMIT 1
