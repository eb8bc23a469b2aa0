-- Prices have versions: a corrected tick is a row of its own. Nobody wrote to the table before.
DROP TABLE price;
CREATE TABLE price (
  race_id        INTEGER NOT NULL REFERENCES race (id),
  kind           TEXT NOT NULL CHECK (instr(' fixed exchange sp bsp ', ' ' || kind || ' ')),
  rug            INTEGER NOT NULL CHECK (rug BETWEEN 1 AND 10),
  at_ms          INTEGER NOT NULL CHECK (at_ms > 0),
  source         TEXT NOT NULL CHECK (source <> ''),
  known_at_ms    INTEGER NOT NULL CHECK (known_at_ms > 0),
  recorded_at_ms INTEGER NOT NULL CHECK (recorded_at_ms > 0),
  win_price      REAL CHECK (win_price > 1 AND win_price <= 100000),
  place_price    REAL CHECK (place_price > 1 AND place_price <= 100000),
  PRIMARY KEY (race_id, kind, rug, at_ms, source, known_at_ms),
  CHECK (win_price IS NOT NULL OR place_price IS NOT NULL)
) STRICT, WITHOUT ROWID;
