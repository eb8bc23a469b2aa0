SELECT id, name, country, sex, whelped, sire, dam
FROM dog
WHERE id > :after_id
ORDER BY id
LIMIT :limit
