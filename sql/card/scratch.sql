INSERT INTO scratching (race_id, rug, known_at_ms, recorded_at_ms, replaced_by_rug, box)
VALUES (:race_id, :rug, :known_at_ms, :recorded_at_ms, :replaced_by_rug, :box)
