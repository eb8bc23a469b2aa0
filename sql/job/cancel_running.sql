UPDATE job
SET cancelling = 1
WHERE id = :id AND state = 'running'
