UPDATE class_prior
SET gone_at_ms = :gone_at_ms
WHERE class = :class AND day = :day AND gone_at_ms IS NULL AND known_at_ms < :gone_at_ms
