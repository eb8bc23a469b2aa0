UPDATE race
SET
  circuit_id = :circuit_id,
  distance_m = :distance_m,
  grade = :grade,
  name = :name,
  jump_at_ms = :jump_at_ms,
  status = :status,
  complete = :complete,
  revision = revision + :newer,
  updated_at_ms = :now_ms
WHERE id = :id
