INSERT INTO model (digest, created_at_ms, trained_until, artifact, report, active)
VALUES (:digest, :created_at_ms, :trained_until, :artifact, :report, 0)
ON CONFLICT (digest) DO UPDATE SET report = excluded.report
