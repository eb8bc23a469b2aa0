UPDATE job
SET state = :state, lease_until_ms = NULL, finished_at_ms = :now_ms, report = :report, error = :error,
  done = :done, total = :total
WHERE id = :id AND state = 'running'
