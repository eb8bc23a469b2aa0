INSERT INTO class_prior (class, day, known_at_ms, mean, dogs)
VALUES (:class, :day, :known_at_ms, :mean, :dogs)
