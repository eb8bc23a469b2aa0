SELECT race_id, max(day) AS day, win, place
FROM hindsight
WHERE day >= :from AND day < :day AND gone_at_ms IS NULL
GROUP BY race_id
