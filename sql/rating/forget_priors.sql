DELETE FROM class_prior
WHERE day = :day
