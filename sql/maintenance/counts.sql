SELECT
  (SELECT count(*) FROM race) AS races,
  (SELECT count(*) FROM run) AS runs,
  (SELECT count(*) FROM dog) AS dogs,
  (SELECT count(*) FROM model) AS models
