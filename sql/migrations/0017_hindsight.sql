-- What a look takes to be smoothed, and how the companies of past races are seen since: rows
-- without it cannot be carried over, so the walk begins again at the first day.
DROP TABLE rating;
CREATE TABLE rating (
  dog_id         INTEGER NOT NULL REFERENCES dog (id),
  day            TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms    INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms     INTEGER CHECK (gone_at_ms > known_at_ms),
  race_id        INTEGER NOT NULL,
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
  noise          REAL NOT NULL CHECK (noise > 0),
  luck           REAL NOT NULL CHECK (luck BETWEEN -1 AND 1),
  place_luck     REAL NOT NULL CHECK (place_luck BETWEEN -1 AND 1),
  PRIMARY KEY (dog_id, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX rating_by_day ON rating (day);

-- By how much the company of a race is seen stronger after a day than it was taken for.
CREATE TABLE hindsight (
  race_id     INTEGER NOT NULL,
  day         TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  known_at_ms INTEGER NOT NULL CHECK (known_at_ms > 0),
  gone_at_ms  INTEGER CHECK (gone_at_ms > known_at_ms),
  win         REAL NOT NULL,
  place       REAL NOT NULL,
  PRIMARY KEY (race_id, day DESC, known_at_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX hindsight_by_day ON hindsight (day);

UPDATE rating_debt SET from_day = (SELECT min(day) FROM race);
