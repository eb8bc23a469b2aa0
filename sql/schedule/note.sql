INSERT INTO schedule (source, fired_at_ms)
VALUES (:source, :fired_at_ms)
ON CONFLICT (source) DO UPDATE
SET fired_at_ms = excluded.fired_at_ms
