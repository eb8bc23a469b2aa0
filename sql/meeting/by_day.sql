SELECT id
FROM meeting
WHERE day = :day AND track_id = :track_id AND session = :session
