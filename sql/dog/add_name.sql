INSERT OR IGNORE INTO dog_name (name_key, dog_id, name)
VALUES (:name_key, :dog_id, :name)
