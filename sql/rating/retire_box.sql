UPDATE box_bias
SET gone_at_ms = :gone_at_ms
WHERE circuit_id = :circuit_id AND distance_m = :distance_m AND box = :box AND day = :day AND gone_at_ms IS NULL AND known_at_ms < :gone_at_ms
