INSERT INTO prediction (race_id, model_id, as_of_ms, made_at_ms, chances, shadow)
SELECT :race_id, id, :as_of_ms, :now_ms, :chances, :shadow
FROM model
WHERE digest = :model
ON CONFLICT (race_id, model_id, as_of_ms) DO NOTHING
