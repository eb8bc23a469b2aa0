SELECT id, slug, name, country, zone
FROM track
WHERE id = :id
