CREATE TABLE audit (
  id         INTEGER PRIMARY KEY,
  at_ms      INTEGER NOT NULL CHECK (at_ms > 0),
  actor      TEXT NOT NULL CHECK (actor <> ''),
  action     TEXT NOT NULL CHECK (action <> ''),
  subject    TEXT NOT NULL CHECK (subject <> ''),
  request_id TEXT CHECK (request_id <> '')
) STRICT;
