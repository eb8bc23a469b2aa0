INSERT INTO dog_ref (source, ref, dog_id)
VALUES (:source, :ref, :dog_id)
