SELECT circuit_id, substr(day, 1, 7) AS month, count(*) AS runs
FROM run
WHERE dog_id BETWEEN :from_id AND :until_id AND gone_at_ms IS NULL
GROUP BY circuit_id, substr(day, 1, 7)
