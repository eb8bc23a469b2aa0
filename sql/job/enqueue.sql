INSERT INTO job (kind, spec, dedup_key, state, due_at_ms, created_at_ms)
VALUES (:kind, :spec, :dedup_key, 'queued', :due_at_ms, :now_ms)
ON CONFLICT (dedup_key) WHERE state IN ('queued', 'running') DO NOTHING
