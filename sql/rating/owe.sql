UPDATE rating_debt
SET from_day = :day
WHERE id = 1 AND (from_day IS NULL OR from_day > :day)
