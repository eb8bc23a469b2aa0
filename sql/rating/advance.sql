UPDATE rating_debt
SET from_day = :next
WHERE id = 1 AND from_day = :day
