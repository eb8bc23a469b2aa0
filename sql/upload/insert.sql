INSERT INTO upload (name, spool, size_bytes, digest, received_at_ms, caller, job_id)
VALUES (:name, :spool, :size_bytes, :digest, :now_ms, :caller, 0)
