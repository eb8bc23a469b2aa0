INSERT INTO collection (
  source, name, day, began_at_ms, ended_at_ms, outcome, error, payload_id, rows, created, updated, unchanged,
  failed, shape, meetings, faults
)
VALUES (
  :source, :name, :day, :began_at_ms, :ended_at_ms, :outcome, :error, :payload_id, :rows, :created, :updated,
  :unchanged, :failed, :shape, :meetings, :faults
)
