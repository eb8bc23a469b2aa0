SELECT digest
FROM model
WHERE active = 1
