SELECT
  CASE :subject
    WHEN 'dogs' THEN (SELECT name FROM dog WHERE id = :subject_id)
    WHEN 'trainers' THEN (SELECT name FROM trainer WHERE id = :subject_id)
    ELSE (SELECT name FROM track WHERE id = :subject_id)
  END AS name,
  CASE :subject WHEN 'tracks' THEN (SELECT slug FROM track WHERE id = :subject_id) END AS slug
