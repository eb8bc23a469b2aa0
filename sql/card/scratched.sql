SELECT
  scratching.rug, scratching.box, scratching.known_at_ms, scratching.recorded_at_ms,
  scratching.replaced_by_rug, runner.dog_id, dog.name AS dog
FROM scratching
LEFT JOIN runner ON runner.race_id = scratching.race_id AND runner.rug = scratching.rug
LEFT JOIN dog ON dog.id = runner.dog_id
WHERE scratching.race_id = :race_id
ORDER BY scratching.recorded_at_ms, scratching.known_at_ms, scratching.rug
LIMIT 500
