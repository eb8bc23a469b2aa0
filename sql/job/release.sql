UPDATE job
SET lease_until_ms = NULL, interruptions = interruptions + 1,
  state = CASE
    WHEN cancelling = 1 THEN 'cancelled'
    WHEN interruptions + 1 >= :most THEN 'failed'
    ELSE 'queued'
  END,
  error = CASE WHEN cancelling = 0 AND interruptions + 1 >= :most THEN :error ELSE error END,
  finished_at_ms = CASE WHEN cancelling = 1 OR interruptions + 1 >= :most THEN :now_ms END
WHERE state = 'running'
