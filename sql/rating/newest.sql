SELECT even_mean
FROM rating
WHERE dog_id = :dog_id AND gone_at_ms IS NULL
ORDER BY day DESC
LIMIT 1
