INSERT INTO box_bias (
  circuit_id, distance_m, box, day, known_at_ms, total, place_total, starts)
VALUES (:circuit_id, :distance_m, :box, :day, :known_at_ms, :total, :place_total, :starts)
