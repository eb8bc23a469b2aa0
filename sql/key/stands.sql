SELECT public_id
FROM api_key
WHERE public_id = :public_id
