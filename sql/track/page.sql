SELECT id, slug, name, country, zone
FROM track
WHERE slug > :after
ORDER BY slug
LIMIT :limit
