DELETE FROM box_bias
WHERE day = :day
