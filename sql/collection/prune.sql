DELETE FROM collection
WHERE id IN (SELECT id FROM collection WHERE ended_at_ms < :before_ms ORDER BY ended_at_ms LIMIT :limit)
