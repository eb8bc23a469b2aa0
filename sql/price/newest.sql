SELECT known_at_ms, win_price, place_price
FROM price
WHERE race_id = :race_id AND kind = :kind AND rug = :rug AND at_ms = :at_ms AND source = :source
ORDER BY known_at_ms DESC
LIMIT 1
