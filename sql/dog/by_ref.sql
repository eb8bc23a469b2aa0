SELECT dog_id
FROM dog_ref
WHERE source = :source AND ref = :ref
