SELECT id, slug, name, main, seconds_per_length
FROM circuit
WHERE track_id = :track_id
ORDER BY main DESC, slug
LIMIT 50
