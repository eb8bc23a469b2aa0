SELECT id, public_id, name, scopes, created_at_ms, expires_at_ms, last_used_at_ms, revoked_at_ms
FROM api_key
WHERE id < :after
ORDER BY id DESC
LIMIT :limit
