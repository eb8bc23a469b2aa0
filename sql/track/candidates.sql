SELECT DISTINCT track.slug
FROM track_alias
JOIN track ON track.id = track_alias.track_id
WHERE track_alias.code = :code
ORDER BY track.slug
LIMIT 20
