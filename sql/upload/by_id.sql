SELECT upload.id, upload.name, upload.spool, upload.kept, upload.size_bytes, upload.digest, upload.received_at_ms,
  upload.caller, upload.job_id, job.state, coalesce(job.report, job.checkpoint ->> 'report') AS report, job.error
FROM upload
LEFT JOIN job ON job.id = upload.job_id
WHERE upload.id = :id
