SELECT count(*) AS rows
FROM (SELECT 1 FROM upload LIMIT :most)
