SELECT id, source, name, day, began_at_ms, ended_at_ms, outcome, error, payload_id, rows, created, updated,
  unchanged, failed, shape, meetings, faults
FROM collection
WHERE source = :source AND id < :after
ORDER BY id DESC
LIMIT :limit
