SELECT
  run.dog_id, dog.name AS dog, run.day, run.circuit_id, run.distance_m, run.rug, run.source,
  run.known_at_ms, run.race_id, run.number, run.grade, run.box, run.field_size, run.trial,
  trainer.name AS trainer, track.slug, meeting.session, race.number AS race_number, race.local_time,
  run.place, run.won, run.placed, run.outcome, run.run_time_ms, run.winner_time_ms,
  run.best_of_night_ms, run.sectional_ms, run.margin_cl, run.weight_g, run.positions, run.other,
  run.sp_price, run.bsp_price, run.place_bsp_price, run.comment
FROM dog
CROSS JOIN run ON run.dog_id = dog.id
CROSS JOIN circuit ON circuit.id = run.circuit_id
CROSS JOIN track ON track.id = circuit.track_id
LEFT JOIN trainer ON trainer.id = run.trainer_id
LEFT JOIN race ON race.id = run.race_id
LEFT JOIN meeting ON meeting.id = race.meeting_id
WHERE dog.id BETWEEN :dog_id AND :last_dog_id
  AND run.day BETWEEN :from AND :until
  AND (dog.id > :dog_id OR run.day < :day OR (run.day = :day AND (run.circuit_id, run.distance_m, run.rug, run.source, run.race_id, run.number, run.known_at_ms)
        > (:circuit_id, :distance_m, :rug, :source, :race_id, :number, :known_at_ms)))
  AND run.gone_at_ms IS NULL
  AND (:track_id IS NULL OR circuit.track_id = :track_id)
ORDER BY
  dog.id, run.day DESC, run.circuit_id, run.distance_m, run.rug, run.source, run.race_id,
  run.number, run.known_at_ms
LIMIT :limit
