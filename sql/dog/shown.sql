SELECT id, name, country, sex, whelped, sire, dam
FROM dog
WHERE id = :id
