INSERT INTO box_bias (circuit_id, distance_m, box, day, known_at_ms, total, starts)
VALUES (:circuit_id, :distance_m, :box, :day, :known_at_ms, :total, :starts)
