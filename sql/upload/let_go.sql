UPDATE upload
SET kept = 0
WHERE id = :id
