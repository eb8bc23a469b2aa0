UPDATE hindsight
SET gone_at_ms = :gone_at_ms
WHERE race_id = :race_id AND day = :day AND gone_at_ms IS NULL AND known_at_ms < :gone_at_ms
