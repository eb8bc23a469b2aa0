SELECT min(day) AS first_day
FROM race
WHERE day > :day
