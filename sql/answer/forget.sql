DELETE FROM answer
WHERE id IN (SELECT id FROM answer WHERE at_ms <= :before_ms ORDER BY at_ms LIMIT 20)
