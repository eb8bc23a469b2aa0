UPDATE job
SET lease_until_ms = :lease_until_ms, done = :done, total = :total,
  checkpoint = coalesce(:checkpoint, checkpoint)
WHERE id = :id AND state = 'running'
RETURNING cancelling
