-- Answers to posts with an Idempotency-Key: the newest 100,000 of the last 24 hours.
CREATE TABLE answer (
  id     INTEGER PRIMARY KEY,
  caller TEXT NOT NULL,
  path   TEXT NOT NULL CHECK (path <> ''),
  key    TEXT NOT NULL CHECK (key <> ''),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  status INTEGER NOT NULL CHECK (status BETWEEN 200 AND 499),
  media  TEXT NOT NULL,
  body   BLOB NOT NULL,
  at_ms  INTEGER NOT NULL CHECK (at_ms > 0),
  UNIQUE (caller, path, key)
) STRICT;
CREATE INDEX answer_by_time ON answer (at_ms);
