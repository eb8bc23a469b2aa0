-- The walk follows four filters a dog and keeps what every race said of it: rows of one filter
-- cannot be carried over, so the walk begins again at the first day.
ALTER TABLE runner ADD COLUMN place_bsp_price REAL CHECK (place_bsp_price > 1);
UPDATE runner
SET place_bsp_price = (
  SELECT max(run.place_bsp_price)
  FROM race
  JOIN run ON run.dog_id = runner.dog_id AND run.day = race.day AND run.race_id = race.id
  WHERE race.id = runner.race_id AND run.gone_at_ms IS NULL)
WHERE runner.bsp_price IS NOT NULL;

DROP TABLE rating;
CREATE TABLE rating (
  dog_id         INTEGER NOT NULL REFERENCES dog (id),
  day            TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms    INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms     INTEGER CHECK (gone_at_ms > known_at_ms),
  races          INTEGER NOT NULL CHECK (races > 0),
  even_mean      REAL NOT NULL,
  even_variance  REAL NOT NULL CHECK (even_variance >= 0),
  slow_mean      REAL NOT NULL,
  slow_variance  REAL NOT NULL CHECK (slow_variance >= 0),
  quick_mean     REAL NOT NULL,
  quick_variance REAL NOT NULL CHECK (quick_variance >= 0),
  place_mean     REAL NOT NULL,
  place_variance REAL NOT NULL CHECK (place_variance >= 0),
  look           REAL NOT NULL,
  place_look     REAL NOT NULL,
  surprise       REAL NOT NULL,
  place_surprise REAL NOT NULL,
  field          REAL NOT NULL,
  PRIMARY KEY (dog_id, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX rating_by_day ON rating (day);

DROP TABLE box_bias;
-- circuit 0, distance 0: the box wherever it stands.
CREATE TABLE box_bias (
  circuit_id  INTEGER NOT NULL,
  distance_m  INTEGER NOT NULL CHECK (distance_m BETWEEN 0 AND 1500),
  box         INTEGER NOT NULL CHECK (box BETWEEN 1 AND 8),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  total       REAL NOT NULL,
  place_total REAL NOT NULL,
  starts      INTEGER NOT NULL CHECK (starts > 0),
  PRIMARY KEY (circuit_id, distance_m, box, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX box_bias_by_day ON box_bias (day);

DROP TABLE class_prior;
-- What an unraced dog of a class is worth to each filter.
CREATE TABLE class_prior (
  class       INTEGER NOT NULL CHECK (class BETWEEN 0 AND 9),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  dogs        INTEGER NOT NULL CHECK (dogs > 0),
  even_mean   REAL NOT NULL,
  slow_mean   REAL NOT NULL,
  quick_mean  REAL NOT NULL,
  place_mean  REAL NOT NULL,
  PRIMARY KEY (class, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX class_prior_by_day ON class_prior (day);

UPDATE rating_debt SET from_day = (SELECT min(day) FROM race);
