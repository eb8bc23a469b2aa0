UPDATE dog
SET
  name = max(name, :name),
  sex = coalesce(min(sex, :sex), sex, :sex),
  whelped = coalesce(whelped, :whelped),
  sire = coalesce(sire, :sire),
  dam = coalesce(dam, :dam)
WHERE id = :id
