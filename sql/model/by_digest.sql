SELECT id, digest, trained_until, artifact, report
FROM model
WHERE digest = :digest
