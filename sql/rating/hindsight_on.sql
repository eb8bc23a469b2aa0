SELECT race_id, known_at_ms, win, place
FROM hindsight
WHERE day = :day AND gone_at_ms IS NULL
