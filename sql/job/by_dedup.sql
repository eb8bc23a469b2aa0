SELECT id
FROM job
WHERE dedup_key = :dedup_key AND state IN ('queued', 'running')
