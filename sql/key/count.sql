SELECT count(*) AS keys
FROM api_key
