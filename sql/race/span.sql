SELECT min(day) AS first_day, max(day) AS last_day
FROM race
WHERE status IN ('official', 'amended')
