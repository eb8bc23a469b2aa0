SELECT id, source, name, day, began_at_ms, ended_at_ms, outcome, error, payload_id, rows, created, updated,
  unchanged, failed, shape, meetings, faults
FROM collection
WHERE source = :source AND name = :name AND outcome IN ('taken', 'same', 'empty')
ORDER BY id DESC
LIMIT 1
