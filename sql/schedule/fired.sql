SELECT fired_at_ms
FROM schedule
WHERE source = :source
