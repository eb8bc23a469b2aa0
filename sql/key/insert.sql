INSERT INTO api_key (public_id, name, scopes, digest, created_at_ms, expires_at_ms)
VALUES (:public_id, :name, :scopes, :digest, :created_at_ms, :expires_at_ms)
