SELECT day
FROM race
WHERE day <= :until AND status IN ('official', 'amended')
ORDER BY day DESC
LIMIT 1
