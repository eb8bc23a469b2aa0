-- What the walk through time learned. Facts with a date: a snapshot of March holds March's ratings.
-- gone_at_ms: when a correction of an older race took the row's place.
CREATE TABLE rating (
  dog_id      INTEGER NOT NULL REFERENCES dog (id),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  mean        REAL NOT NULL,
  variance    REAL NOT NULL CHECK (variance >= 0),
  races       INTEGER NOT NULL CHECK (races > 0),
  last        REAL NOT NULL,
  PRIMARY KEY (dog_id, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX rating_by_day ON rating (day);

CREATE TABLE par (
  circuit_id  INTEGER NOT NULL REFERENCES circuit (id),
  distance_m  INTEGER NOT NULL CHECK (distance_m BETWEEN 100 AND 1500),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  time_s      REAL NOT NULL CHECK (time_s > 0),
  races       REAL NOT NULL CHECK (races > 0),
  PRIMARY KEY (circuit_id, distance_m, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX par_by_day ON par (day);

-- circuit 0, distance 0: the box wherever it stands.
CREATE TABLE box_bias (
  circuit_id  INTEGER NOT NULL,
  distance_m  INTEGER NOT NULL CHECK (distance_m BETWEEN 0 AND 1500),
  box         INTEGER NOT NULL CHECK (box BETWEEN 1 AND 8),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  total       REAL NOT NULL,
  starts      INTEGER NOT NULL CHECK (starts > 0),
  PRIMARY KEY (circuit_id, distance_m, box, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX box_bias_by_day ON box_bias (day);

-- What an unraced dog of a class is worth.
CREATE TABLE class_prior (
  class       INTEGER NOT NULL CHECK (class BETWEEN 0 AND 9),
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  mean        REAL NOT NULL,
  dogs        INTEGER NOT NULL CHECK (dogs > 0),
  PRIMARY KEY (class, day DESC)
) STRICT, WITHOUT ROWID;
CREATE INDEX class_prior_by_day ON class_prior (day);

-- One row: the first day whose results the walk has not seen as they are now; NULL when none.
CREATE TABLE rating_debt (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  from_day TEXT CHECK (from_day GLOB '????-??-??')
) STRICT;
INSERT INTO rating_debt (id, from_day) VALUES (1, NULL);

CREATE TABLE model (
  id            INTEGER PRIMARY KEY,
  digest        TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
  created_at_ms INTEGER NOT NULL CHECK (created_at_ms > 0),
  trained_until TEXT NOT NULL CHECK (trained_until GLOB '????-??-??'),
  artifact      BLOB NOT NULL,
  report        TEXT NOT NULL CHECK (json_valid(report)),
  active        INTEGER NOT NULL CHECK (active IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX model_active ON model (active) WHERE active = 1;

CREATE TABLE prediction (
  id         INTEGER PRIMARY KEY,
  race_id    INTEGER NOT NULL REFERENCES race (id),
  model_id   INTEGER NOT NULL REFERENCES model (id),
  as_of_ms   INTEGER NOT NULL CHECK (as_of_ms > 0),
  made_at_ms INTEGER NOT NULL CHECK (made_at_ms > 0),
  chances    TEXT NOT NULL CHECK (json_valid(chances)),
  UNIQUE (race_id, model_id, as_of_ms)
) STRICT;
