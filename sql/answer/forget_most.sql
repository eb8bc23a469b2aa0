DELETE FROM answer
WHERE id <= (SELECT max(id) FROM answer) - 100000
