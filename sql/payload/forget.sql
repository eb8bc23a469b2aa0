DELETE FROM payload
WHERE id = :id
