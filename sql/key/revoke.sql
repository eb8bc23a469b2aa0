UPDATE api_key
SET revoked_at_ms = :at_ms
WHERE public_id = :public_id AND revoked_at_ms IS NULL
