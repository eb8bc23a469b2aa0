INSERT INTO dog (country, name, sex, whelped, sire, dam)
VALUES (:country, :name, :sex, :whelped, :sire, :dam)
