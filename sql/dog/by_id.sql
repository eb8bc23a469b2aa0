SELECT id, sex, whelped, sire, dam
FROM dog
WHERE id = :id
