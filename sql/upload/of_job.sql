SELECT id
FROM upload
WHERE job_id = :job_id
