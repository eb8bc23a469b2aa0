SELECT body
FROM payload
WHERE id = :id
