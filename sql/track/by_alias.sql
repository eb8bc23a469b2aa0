SELECT track_id, source, scope
FROM track_alias
WHERE code = :code
  AND valid_from <= :day
  AND (valid_to IS NULL OR valid_to >= :day)
  AND (scope = 'any'
    OR (scope = 'distance' AND distance_m = :distance_m)
    OR (scope = 'none' AND :distance_m IS NULL))
