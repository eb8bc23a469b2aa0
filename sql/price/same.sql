SELECT known_at_ms, win_price, place_price
FROM price
WHERE race_id = :race_id
  AND kind = :kind
  AND rug = :rug
  AND at_ms = :at_ms
  AND source = :source
  AND known_at_ms = :known_at_ms
  AND win_price IS :win_price
  AND place_price IS :place_price
