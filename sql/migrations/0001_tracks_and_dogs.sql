-- Where dogs run and who they are. Source ids and names are claims about an identity of ours.
CREATE TABLE track (
  id      INTEGER PRIMARY KEY,
  slug    TEXT NOT NULL UNIQUE CHECK (slug <> '' AND slug = lower(slug)),
  name    TEXT NOT NULL CHECK (name <> ''),
  country TEXT NOT NULL CHECK (instr(' AU GB IE NZ ', ' ' || country || ' ')),
  state   TEXT CHECK (state <> ''),
  zone    TEXT NOT NULL CHECK (zone <> '')
) STRICT;

-- Times are comparable inside one (circuit, distance) only. A track has one main circuit; another
-- is told by its distances, because sources name the venue and not always the circuit.
CREATE TABLE circuit (
  id                 INTEGER PRIMARY KEY,
  track_id           INTEGER NOT NULL REFERENCES track (id),
  slug               TEXT NOT NULL UNIQUE CHECK (slug <> ''),
  name               TEXT NOT NULL CHECK (name <> ''),
  main               INTEGER NOT NULL CHECK (main IN (0, 1)),
  seconds_per_length REAL NOT NULL CHECK (seconds_per_length BETWEEN 0.05 AND 0.1),
  valid_from         TEXT NOT NULL DEFAULT '1950-01-01' CHECK (valid_from GLOB '????-??-??'),
  valid_to           TEXT CHECK (valid_to GLOB '????-??-??' AND valid_to >= valid_from)
) STRICT;
CREATE INDEX circuit_by_track ON circuit (track_id);

CREATE TABLE circuit_distance (
  track_id   INTEGER NOT NULL REFERENCES track (id),
  distance_m INTEGER NOT NULL CHECK (distance_m BETWEEN 100 AND 1500),
  circuit_id INTEGER NOT NULL REFERENCES circuit (id),
  PRIMARY KEY (track_id, distance_m, circuit_id)
) STRICT, WITHOUT ROWID;

-- What a source calls a track. source '*' holds for every source. scope: 'any' distance, this
-- 'distance' only, or 'none': only where no distance is given, as in the name of a file.
CREATE TABLE track_alias (
  code       TEXT NOT NULL CHECK (code <> ''),
  source     TEXT NOT NULL CHECK (source <> ''),
  scope      TEXT NOT NULL CHECK (instr(' any distance none ', ' ' || scope || ' ')),
  distance_m INTEGER NOT NULL DEFAULT 0 CHECK ((distance_m > 0) = (scope = 'distance')),
  track_id   INTEGER NOT NULL REFERENCES track (id),
  valid_from TEXT NOT NULL DEFAULT '1950-01-01' CHECK (valid_from GLOB '????-??-??'),
  valid_to   TEXT CHECK (valid_to GLOB '????-??-??' AND valid_to >= valid_from),
  PRIMARY KEY (code, source, scope, distance_m, track_id, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE trainer (
  id       INTEGER PRIMARY KEY,
  name_key TEXT NOT NULL UNIQUE CHECK (name_key <> ''),
  name     TEXT NOT NULL CHECK (name <> '')
) STRICT;

CREATE TABLE dog (
  id      INTEGER PRIMARY KEY,
  country TEXT NOT NULL CHECK (instr(' AU GB IE NZ ', ' ' || country || ' ')),
  name    TEXT NOT NULL CHECK (name <> ''),
  sex     TEXT CHECK (sex IN ('D', 'B')),
  whelped TEXT CHECK (whelped GLOB '????-??'),
  sire    TEXT CHECK (sire <> ''),
  dam     TEXT CHECK (dam <> '')
) STRICT;

-- Every spelling of every name of a dog, by what the spellings have in common.
CREATE TABLE dog_name (
  name_key TEXT NOT NULL CHECK (name_key <> ''),
  country  TEXT NOT NULL CHECK (country <> ''),
  dog_id   INTEGER NOT NULL REFERENCES dog (id),
  name     TEXT NOT NULL CHECK (name <> ''),
  PRIMARY KEY (name_key, country, dog_id, name)
) STRICT, WITHOUT ROWID;

-- A source's own id for a dog.
CREATE TABLE dog_ref (
  source TEXT NOT NULL CHECK (source <> ''),
  ref    TEXT NOT NULL CHECK (ref <> ''),
  dog_id INTEGER NOT NULL REFERENCES dog (id),
  PRIMARY KEY (source, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX dog_ref_by_dog ON dog_ref (dog_id);
