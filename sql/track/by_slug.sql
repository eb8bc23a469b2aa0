SELECT id, slug, name, country, zone
FROM track
WHERE slug = :slug
