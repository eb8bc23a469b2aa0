SELECT id, country, sex, whelped, sire, dam, name, 0 AS has_ref
FROM dog
WHERE id = :id
