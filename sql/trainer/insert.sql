INSERT INTO trainer (name_key, name)
VALUES (:name_key, :name)
