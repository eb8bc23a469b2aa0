-- Irish and New Zealand tracks, and codes of the Racing Post and of FastTrack that were met. Facts, not
-- anybody's data. Dogs of all Ireland are in one register, so Derry and Drumbo Park stand under IE.
INSERT INTO track (id, slug, name, country, state, zone) VALUES
  (201, 'clonmel', 'Clonmel', 'IE', NULL, 'Europe/Dublin'),
  (202, 'curraheen-park', 'Curraheen Park', 'IE', NULL, 'Europe/Dublin'),
  (203, 'dundalk', 'Dundalk', 'IE', NULL, 'Europe/Dublin'),
  (204, 'derry', 'Derry', 'IE', NULL, 'Europe/London'),
  (205, 'drumbo-park', 'Drumbo Park', 'IE', NULL, 'Europe/London'),
  (206, 'limerick', 'Limerick', 'IE', NULL, 'Europe/Dublin'),
  (207, 'longford', 'Longford', 'IE', NULL, 'Europe/Dublin'),
  (208, 'mullingar', 'Mullingar', 'IE', NULL, 'Europe/Dublin'),
  (209, 'thurles', 'Thurles', 'IE', NULL, 'Europe/Dublin'),
  (210, 'shelbourne-park', 'Shelbourne Park', 'IE', NULL, 'Europe/Dublin'),
  (211, 'tralee', 'Tralee', 'IE', NULL, 'Europe/Dublin'),
  (212, 'waterford', 'Waterford', 'IE', NULL, 'Europe/Dublin'),
  (213, 'kilkenny', 'Kilkenny', 'IE', NULL, 'Europe/Dublin'),
  (214, 'galway', 'Galway', 'IE', NULL, 'Europe/Dublin'),
  (215, 'youghal', 'Youghal', 'IE', NULL, 'Europe/Dublin'),
  (216, 'enniscorthy', 'Enniscorthy', 'IE', NULL, 'Europe/Dublin'),
  (217, 'newbridge', 'Newbridge', 'IE', NULL, 'Europe/Dublin'),
  (218, 'lifford', 'Lifford', 'IE', NULL, 'Europe/Dublin'),
  (301, 'addington', 'Addington', 'NZ', NULL, 'Pacific/Auckland'),
  (302, 'cambridge', 'Cambridge', 'NZ', NULL, 'Pacific/Auckland'),
  (303, 'hatrick', 'Hatrick', 'NZ', NULL, 'Pacific/Auckland'),
  (304, 'invercargill', 'Invercargill', 'NZ', NULL, 'Pacific/Auckland'),
  (305, 'manawatu', 'Manawatu', 'NZ', NULL, 'Pacific/Auckland'),
  (306, 'manukau', 'Manukau', 'NZ', NULL, 'Pacific/Auckland'),
  (307, 'southland', 'Southland', 'NZ', NULL, 'Pacific/Auckland'),
  (308, 'forbury-park', 'Forbury Park', 'NZ', NULL, 'Pacific/Auckland');

INSERT INTO circuit (id, track_id, slug, name, main, seconds_per_length)
SELECT id, id, slug, name, 1, CASE country WHEN 'NZ' THEN 0.07 ELSE 0.08 END
FROM track WHERE id BETWEEN 201 AND 308;

INSERT INTO track_alias (code, source, scope, distance_m, track_id)
SELECT upper(name), '*', 'any', 0, id FROM track WHERE id BETWEEN 201 AND 308
UNION
SELECT upper(slug), '*', 'any', 0, id FROM track WHERE id BETWEEN 201 AND 308;

INSERT INTO track_alias (code, source, scope, distance_m, track_id) VALUES
  ('CURAHEEN PARK', 'irish', 'any', 0, 202),
  ('CORK', '*', 'any', 0, 202),
  ('BRANDYWELL', '*', 'any', 0, 204),
  ('HVL', 'fasttrack', 'any', 0, 21),
  ('SLE', 'fasttrack', 'any', 0, 39),
  ('CLNML', 'racing-post', 'any', 0, 201),
  ('DNDLK', 'racing-post', 'any', 0, 203),
  ('DRUMPK', 'racing-post', 'any', 0, 205),
  ('LIMRK', 'racing-post', 'any', 0, 206),
  ('LONGFD', 'racing-post', 'any', 0, 207),
  ('MULGR', 'racing-post', 'any', 0, 208),
  ('THURL', 'racing-post', 'any', 0, 209),
  ('NEWC', 'racing-post', 'any', 0, 104),
  ('PBRGH', 'racing-post', 'any', 0, 124),
  ('POOLE', 'racing-post', 'any', 0, 123),
  ('SLAND', 'racing-post', 'any', 0, 109),
  ('SWNDN', 'racing-post', 'any', 0, 117);
