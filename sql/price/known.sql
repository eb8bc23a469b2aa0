SELECT rug, kind, source, at_ms, known_at_ms, win_price, place_price
FROM price
WHERE race_id = :race_id
  AND at_ms <= :as_of_ms
  AND known_at_ms <= :as_of_ms
  AND NOT EXISTS (
    SELECT 1
    FROM price AS later
    WHERE later.race_id = price.race_id
      AND later.kind = price.kind
      AND later.rug = price.rug
      AND later.at_ms >= price.at_ms
      AND later.at_ms <= :as_of_ms
      AND later.source = price.source
      AND later.known_at_ms <= :as_of_ms
      AND (later.at_ms > price.at_ms OR later.known_at_ms > price.known_at_ms)
      -- What was said of places alone hides no price to win, unless it corrects it.
      AND (later.at_ms = price.at_ms OR later.win_price IS NOT NULL))
ORDER BY source, kind, rug
LIMIT 500
