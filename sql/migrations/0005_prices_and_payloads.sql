CREATE TABLE price (
  race_id        INTEGER NOT NULL REFERENCES race (id),
  kind           TEXT NOT NULL CHECK (instr(' fixed exchange sp bsp ', ' ' || kind || ' ')),
  rug            INTEGER NOT NULL CHECK (rug BETWEEN 1 AND 10),
  at_ms          INTEGER NOT NULL CHECK (at_ms > 0),
  source         TEXT NOT NULL CHECK (source <> ''),
  win_price      REAL CHECK (win_price > 1 AND win_price <= 100000),
  place_price    REAL CHECK (place_price > 1 AND place_price <= 100000),
  known_at_ms    INTEGER NOT NULL CHECK (known_at_ms > 0),
  recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms > 0),
  PRIMARY KEY (race_id, kind, rug, at_ms, source),
  CHECK (win_price IS NOT NULL OR place_price IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- What a source sent, as it was sent, zstd. Bounded by age and size by whoever writes here.
CREATE TABLE payload (
  id             INTEGER PRIMARY KEY,
  source         TEXT NOT NULL CHECK (source <> ''),
  name           TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL CHECK (received_at_ms > 0),
  digest         BLOB NOT NULL CHECK (length(digest) = 32),
  size_bytes     INTEGER NOT NULL CHECK (size_bytes >= 0),
  body           BLOB NOT NULL
) STRICT;
CREATE INDEX payload_by_source ON payload (source, received_at_ms);
