SELECT dogs, trainers
FROM summary
WHERE id = 1
