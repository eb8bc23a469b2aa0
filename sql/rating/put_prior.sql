INSERT INTO class_prior (
  class, day, known_at_ms, dogs, even_mean, slow_mean, quick_mean, place_mean)
VALUES (:class, :day, :known_at_ms, :dogs, :even_mean, :slow_mean, :quick_mean, :place_mean)
