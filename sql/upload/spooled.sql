SELECT
  upload.id, upload.spool, upload.size_bytes, upload.received_at_ms,
  coalesce(job.state, 'failed') NOT IN ('queued', 'running') AS over
FROM upload
LEFT JOIN job ON job.id = upload.job_id
WHERE upload.kept = 1
ORDER BY upload.id DESC
LIMIT :limit
