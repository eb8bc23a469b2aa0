INSERT INTO card (race_id, source, known_at_ms, recorded_at_ms, digest, distance_m, grade, name, prize, jump_at_ms)
VALUES (:race_id, :source, :known_at_ms, :recorded_at_ms, :digest, :distance_m, :grade, :name, :prize, :jump_at_ms)
