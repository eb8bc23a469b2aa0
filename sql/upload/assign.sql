UPDATE upload
SET job_id = :job_id
WHERE id = :id
