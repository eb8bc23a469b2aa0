INSERT INTO hindsight (race_id, day, known_at_ms, win, place)
VALUES (:race_id, :day, :known_at_ms, :win, :place)
