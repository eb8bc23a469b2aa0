-- What is known, added up: each commit adds what it changed. While there is no row in `summary`, the
-- sums have not been made of the facts that are there; whoever opens the database for writing does.
CREATE TABLE summary (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  dogs     INTEGER NOT NULL,
  trainers INTEGER NOT NULL
) STRICT;

CREATE TABLE summary_track (
  track_id  INTEGER PRIMARY KEY REFERENCES track (id),
  races     INTEGER NOT NULL,
  first_day TEXT NOT NULL CHECK (first_day GLOB '????-??-??'),
  last_day  TEXT NOT NULL CHECK (last_day GLOB '????-??-??')
) STRICT;

-- Runs of the form book name their circuit and not always a race.
CREATE TABLE summary_circuit (
  circuit_id INTEGER PRIMARY KEY REFERENCES circuit (id),
  runs       INTEGER NOT NULL
) STRICT;

CREATE TABLE summary_month (
  month           TEXT PRIMARY KEY CHECK (month GLOB '????-??'),
  races           INTEGER NOT NULL,
  runs            INTEGER NOT NULL,
  results_pending INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How dogs, trainers and tracks have done in races with a final result, at each track; track 0 is
-- anywhere. profit_milli: of stakes of 1000 on the starts that had a price.
CREATE TABLE summary_score (
  subject      TEXT NOT NULL CHECK (instr(' dogs trainers tracks ', ' ' || subject || ' ')),
  track_id     INTEGER NOT NULL CHECK (track_id >= 0),
  subject_id   INTEGER NOT NULL CHECK (subject_id > 0),
  starts       INTEGER NOT NULL,
  wins         INTEGER NOT NULL,
  priced       INTEGER NOT NULL,
  profit_milli INTEGER NOT NULL,
  PRIMARY KEY (subject, track_id, subject_id)
) STRICT, WITHOUT ROWID;
