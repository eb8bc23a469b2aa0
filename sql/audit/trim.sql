DELETE FROM audit
WHERE id <= :last
