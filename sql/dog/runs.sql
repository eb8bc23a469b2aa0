SELECT count(*) AS total
FROM run
WHERE dog_id = :dog_id AND gone_at_ms IS NULL
