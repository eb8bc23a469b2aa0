SELECT public_id, name, scopes, digest, expires_at_ms, last_used_at_ms
FROM api_key
WHERE revoked_at_ms IS NULL
LIMIT :limit
