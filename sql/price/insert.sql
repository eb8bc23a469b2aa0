INSERT INTO price (race_id, kind, rug, at_ms, source, known_at_ms, recorded_at_ms, win_price, place_price)
VALUES (:race_id, :kind, :rug, :at_ms, :source, :known_at_ms, :recorded_at_ms, :win_price, :place_price)
