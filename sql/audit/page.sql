SELECT id, at_ms, actor, action, subject, request_id
FROM audit
WHERE id < :after
ORDER BY id DESC
LIMIT :limit
