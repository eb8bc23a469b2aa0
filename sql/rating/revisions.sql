SELECT coalesce(sum(revision), 0) AS revisions
FROM race
WHERE day = :day
