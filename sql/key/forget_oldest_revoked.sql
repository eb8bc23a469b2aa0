DELETE FROM api_key
WHERE id = (SELECT id FROM api_key WHERE revoked_at_ms IS NOT NULL ORDER BY id LIMIT 1)
