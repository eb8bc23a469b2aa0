UPDATE model
SET active = 1
WHERE digest = :digest
