INSERT INTO payload (source, name, received_at_ms, digest, size_bytes, body)
VALUES (:source, :name, :now_ms, :digest, :size_bytes, :body)
