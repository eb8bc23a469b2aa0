INSERT INTO audit (at_ms, actor, action, subject, request_id)
VALUES (:at_ms, :actor, :action, :subject, :request_id)
