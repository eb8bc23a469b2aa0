UPDATE api_key
SET last_used_at_ms = :at_ms
WHERE public_id = :public_id AND (last_used_at_ms IS NULL OR last_used_at_ms < :at_ms)
