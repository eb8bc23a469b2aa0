INSERT INTO rating (dog_id, day, known_at_ms, mean, variance, races, last)
VALUES (:dog_id, :day, :known_at_ms, :mean, :variance, :races, :last)
ON CONFLICT (dog_id, day) DO UPDATE SET
  known_at_ms = max(known_at_ms, excluded.known_at_ms),
  mean = excluded.mean,
  variance = excluded.variance,
  races = excluded.races,
  last = excluded.last
