INSERT OR IGNORE INTO race_ref (source, ref, race_id)
VALUES (:source, :ref, :race_id)
