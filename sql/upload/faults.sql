SELECT seq, file, row, col, value, rule
FROM upload_fault
WHERE upload_id = :upload_id AND seq > :after
ORDER BY seq
LIMIT :limit
