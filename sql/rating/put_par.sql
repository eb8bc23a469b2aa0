INSERT INTO par (circuit_id, distance_m, day, known_at_ms, time_s, races)
VALUES (:circuit_id, :distance_m, :day, :known_at_ms, :time_s, :races)
