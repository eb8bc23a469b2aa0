SELECT from_day
FROM rating_debt
WHERE id = 1
