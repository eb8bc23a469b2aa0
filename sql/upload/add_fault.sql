INSERT INTO upload_fault (upload_id, seq, file, row, col, value, rule)
VALUES (:upload_id, :seq, :file, :row, :col, :value, :rule)
ON CONFLICT (upload_id, seq) DO UPDATE
SET file = excluded.file, row = excluded.row, col = excluded.col, value = excluded.value, rule = excluded.rule
