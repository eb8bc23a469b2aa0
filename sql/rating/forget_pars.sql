DELETE FROM par
WHERE day = :day
