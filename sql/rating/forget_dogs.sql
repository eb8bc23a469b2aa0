DELETE FROM rating
WHERE day = :day
