INSERT OR REPLACE INTO answer (caller, path, key, digest, status, media, body, at_ms)
VALUES (:caller, :path, :key, :digest, :status, :media, :body, :at_ms)
