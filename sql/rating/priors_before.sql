SELECT class, max(day) AS day, mean, dogs
FROM class_prior
WHERE day < :day
GROUP BY class
