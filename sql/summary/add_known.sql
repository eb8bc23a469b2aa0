INSERT INTO summary (id, dogs, trainers)
VALUES (1, :dogs, :trainers)
ON CONFLICT (id) DO UPDATE SET
  dogs = dogs + excluded.dogs,
  trainers = trainers + excluded.trainers
