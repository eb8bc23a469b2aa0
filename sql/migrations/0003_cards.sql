-- Meetings, races and what was announced. A card is never changed: a newer one is a new version.
CREATE TABLE meeting (
  id       INTEGER PRIMARY KEY,
  day      TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  track_id INTEGER NOT NULL REFERENCES track (id),
  session  INTEGER NOT NULL CHECK (session BETWEEN 1 AND 4),
  UNIQUE (day, track_id, session)
) STRICT;

-- number is NULL while no source has numbered the race; local_time names it until then.
CREATE TABLE race (
  id            INTEGER PRIMARY KEY,
  meeting_id    INTEGER NOT NULL REFERENCES meeting (id),
  day           TEXT NOT NULL CHECK (day GLOB '????-??-??'),
  number        INTEGER CHECK (number BETWEEN 1 AND 60),
  local_time    TEXT CHECK (local_time GLOB '??:??'),
  circuit_id    INTEGER NOT NULL REFERENCES circuit (id),
  distance_m    INTEGER CHECK (distance_m BETWEEN 100 AND 1500),
  grade         TEXT CHECK (grade <> ''),
  name          TEXT CHECK (name <> ''),
  jump_at_ms    INTEGER CHECK (jump_at_ms > 0),
  status        TEXT NOT NULL CHECK (instr(' open interim official amended no_race abandoned ', ' ' || status || ' ')),
  complete      INTEGER NOT NULL CHECK (complete IN (0, 1)),
  revision      INTEGER NOT NULL CHECK (revision > 0),
  updated_at_ms INTEGER NOT NULL CHECK (updated_at_ms > 0),
  CHECK (number IS NOT NULL OR local_time IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX race_by_number ON race (meeting_id, number) WHERE number IS NOT NULL;
CREATE INDEX race_by_time ON race (meeting_id, local_time) WHERE local_time IS NOT NULL;
CREATE INDEX race_by_day ON race (day, id);

CREATE TABLE race_ref (
  source  TEXT NOT NULL CHECK (source <> ''),
  ref     TEXT NOT NULL CHECK (ref <> ''),
  race_id INTEGER NOT NULL REFERENCES race (id),
  PRIMARY KEY (source, ref)
) STRICT, WITHOUT ROWID;

CREATE TABLE card (
  id             INTEGER PRIMARY KEY,
  race_id        INTEGER NOT NULL REFERENCES race (id),
  source         TEXT NOT NULL CHECK (source <> ''),
  known_at_ms    INTEGER NOT NULL CHECK (known_at_ms > 0),
  recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms > 0),
  digest         BLOB NOT NULL CHECK (length(digest) = 16),
  distance_m     INTEGER CHECK (distance_m BETWEEN 100 AND 1500),
  grade          TEXT CHECK (grade <> ''),
  name           TEXT CHECK (name <> ''),
  prize          TEXT CHECK (prize <> ''),
  jump_at_ms     INTEGER CHECK (jump_at_ms > 0),
  UNIQUE (race_id, source, known_at_ms, digest)
) STRICT;

CREATE TABLE entry (
  card_id    INTEGER NOT NULL REFERENCES card (id),
  rug        INTEGER NOT NULL CHECK (rug BETWEEN 1 AND 10),
  box        INTEGER CHECK (box BETWEEN 1 AND 8),
  dog_id     INTEGER NOT NULL REFERENCES dog (id),
  trainer_id INTEGER REFERENCES trainer (id),
  weight_g   INTEGER CHECK (weight_g BETWEEN 10000 AND 60000),
  reserve    INTEGER NOT NULL CHECK (reserve IN (0, 1)),
  scratched  INTEGER NOT NULL CHECK (scratched IN (0, 1)),
  PRIMARY KEY (card_id, rug)
) STRICT, WITHOUT ROWID;

CREATE TABLE scratching (
  race_id         INTEGER NOT NULL REFERENCES race (id),
  rug             INTEGER NOT NULL CHECK (rug BETWEEN 1 AND 10),
  known_at_ms     INTEGER NOT NULL CHECK (known_at_ms > 0),
  recorded_at_ms  INTEGER NOT NULL CHECK (recorded_at_ms > 0),
  replaced_by_rug INTEGER CHECK (replaced_by_rug BETWEEN 1 AND 10 AND replaced_by_rug <> rug),
  box             INTEGER CHECK (box BETWEEN 1 AND 8),
  PRIMARY KEY (race_id, rug, known_at_ms)
) STRICT, WITHOUT ROWID;

-- The standing of a race: derived from cards, scratchings and results, for reading at once. Its
-- CHECKs are simpler than those of the claims that it copies: each costs time on every row.
CREATE TABLE runner (
  race_id        INTEGER NOT NULL REFERENCES race (id),
  rug            INTEGER NOT NULL CHECK (rug BETWEEN 1 AND 10),
  box            INTEGER CHECK (box BETWEEN 1 AND 8),
  dog_id         INTEGER REFERENCES dog (id),
  trainer_id     INTEGER REFERENCES trainer (id),
  weight_g       INTEGER CHECK (weight_g > 0),
  reserve        INTEGER NOT NULL CHECK (reserve IN (0, 1)),
  scratched      INTEGER NOT NULL CHECK (scratched IN (0, 1)),
  place          INTEGER CHECK (place BETWEEN 1 AND 10),
  won            INTEGER CHECK (won IN (0, 1)),
  placed         INTEGER CHECK (placed IN (0, 1)),
  outcome        TEXT CHECK (instr(' DNF F B DSQ T BO SCR U ', ' ' || outcome || ' ')),
  run_time_ms    INTEGER CHECK (run_time_ms > 0),
  winner_time_ms INTEGER CHECK (winner_time_ms > 0),
  sectional_ms   INTEGER CHECK (sectional_ms > 0),
  margin_cl      INTEGER CHECK (margin_cl >= 0),
  sp_price       REAL CHECK (sp_price > 1),
  bsp_price      REAL CHECK (bsp_price > 1),
  PRIMARY KEY (race_id, rug)
) STRICT, WITHOUT ROWID;
