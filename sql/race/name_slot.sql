UPDATE race
SET number = coalesce(number, :number), local_time = coalesce(local_time, :local_time)
WHERE id = :id
