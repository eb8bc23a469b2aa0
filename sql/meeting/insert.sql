INSERT INTO meeting (day, track_id, session)
VALUES (:day, :track_id, :session)
