DELETE FROM job
WHERE id IN (
  SELECT id
  FROM job
  WHERE finished_at_ms < :before_ms
    AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.job_id = job.id)
  ORDER BY finished_at_ms
  LIMIT :limit
)
