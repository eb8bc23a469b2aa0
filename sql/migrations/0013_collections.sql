-- What was asked of a source, and what came of it. A payload is named by what it was asked by.
CREATE TABLE collection (
  id          INTEGER PRIMARY KEY,
  source      TEXT NOT NULL CHECK (source <> ''),
  name        TEXT NOT NULL CHECK (name <> ''),
  day         TEXT CHECK (day GLOB '????-??-??'),
  began_at_ms INTEGER NOT NULL CHECK (began_at_ms > 0),
  ended_at_ms INTEGER NOT NULL CHECK (ended_at_ms >= began_at_ms),
  outcome     TEXT NOT NULL CHECK (instr(' taken same empty stale failed ', ' ' || outcome || ' ')),
  error       TEXT CHECK (error <> ''),
  payload_id  INTEGER,
  rows        INTEGER NOT NULL CHECK (rows >= 0),
  created     INTEGER NOT NULL CHECK (created >= 0),
  updated     INTEGER NOT NULL CHECK (updated >= 0),
  unchanged   INTEGER NOT NULL CHECK (unchanged >= 0),
  failed      INTEGER NOT NULL CHECK (failed >= 0),
  shape       TEXT NOT NULL CHECK (json_valid(shape)),
  meetings    TEXT NOT NULL CHECK (json_valid(meetings)),
  faults      TEXT NOT NULL CHECK (json_valid(faults))
) STRICT;
CREATE INDEX collection_by_source ON collection (source, id);
CREATE INDEX collection_by_name ON collection (source, name, id);
CREATE INDEX collection_by_end ON collection (ended_at_ms);
CREATE INDEX payload_by_name ON payload (source, name, id);
CREATE INDEX payload_by_age ON payload (received_at_ms);

-- known_at_ms: when the source was first seen in the configuration.
CREATE TABLE schedule (
  source      TEXT PRIMARY KEY CHECK (source <> ''),
  fired_at_ms INTEGER NOT NULL CHECK (fired_at_ms > 0)
) STRICT;

CREATE INDEX race_by_jump ON race (jump_at_ms) WHERE status = 'open';
CREATE INDEX race_without_jump ON race (day) WHERE status = 'open' AND jump_at_ms IS NULL;
