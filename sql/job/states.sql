SELECT
  (SELECT count(*) FROM job WHERE state = 'queued') AS queued,
  (SELECT count(*) FROM job WHERE state = 'running') AS running,
  count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
  count(*) FILTER (WHERE state = 'failed') AS failed,
  count(*) FILTER (WHERE state = 'cancelled') AS cancelled
FROM job
WHERE finished_at_ms >= :since_ms
