INSERT INTO rating (
  dog_id, day, known_at_ms, races, even_mean, even_variance, slow_mean, slow_variance, quick_mean, quick_variance,
  place_mean, place_variance, look, place_look, surprise, place_surprise, field, noise, luck, place_luck,
  race_id)
VALUES (
  :dog_id, :day, :known_at_ms, :races, :even_mean, :even_variance, :slow_mean, :slow_variance,
  :quick_mean, :quick_variance, :place_mean, :place_variance, :look, :place_look, :surprise,
  :place_surprise, :field, :noise, :luck, :place_luck, :race_id)
