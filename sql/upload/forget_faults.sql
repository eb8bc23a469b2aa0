DELETE FROM upload_fault
WHERE upload_id = :upload_id
