UPDATE rating_debt
SET from_day = (SELECT min(race.day) FROM race WHERE race.day > :day)
WHERE id = 1 AND from_day = :day
