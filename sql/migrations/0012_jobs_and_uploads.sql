-- interruptions: how often the daemon ended while somebody was at it.
-- checkpoint: how far the work had come when it last said so; what it goes on from.
ALTER TABLE job ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0 CHECK (interruptions >= 0);
ALTER TABLE job ADD COLUMN cancelling INTEGER NOT NULL DEFAULT 0 CHECK (cancelling IN (0, 1));
ALTER TABLE job ADD COLUMN checkpoint TEXT CHECK (json_valid(checkpoint));
ALTER TABLE job ADD COLUMN error TEXT CHECK (error <> '');
DROP INDEX job_by_due;
CREATE INDEX job_by_due ON job (kind, due_at_ms) WHERE state = 'queued';
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX job_over ON job (finished_at_ms) WHERE finished_at_ms IS NOT NULL;

-- Files that were sent. What they held is in the facts; the file itself lies in the spool until it is pruned.
CREATE TABLE upload (
  id             INTEGER PRIMARY KEY,
  name           TEXT NOT NULL CHECK (name <> ''),
  spool          TEXT NOT NULL UNIQUE CHECK (spool <> ''),
  kept           INTEGER NOT NULL DEFAULT 1 CHECK (kept IN (0, 1)),
  size_bytes     INTEGER NOT NULL CHECK (size_bytes >= 0),
  digest         BLOB NOT NULL CHECK (length(digest) = 32),
  received_at_ms INTEGER NOT NULL CHECK (received_at_ms > 0),
  caller         TEXT NOT NULL,
  job_id         INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_by_job ON upload (job_id);

CREATE TABLE upload_fault (
  upload_id INTEGER NOT NULL REFERENCES upload (id),
  seq       INTEGER NOT NULL CHECK (seq >= 0),
  file      TEXT NOT NULL,
  row       INTEGER NOT NULL CHECK (row >= 0),
  col       TEXT NOT NULL,
  value     TEXT NOT NULL,
  rule      TEXT NOT NULL,
  PRIMARY KEY (upload_id, seq)
) STRICT, WITHOUT ROWID;
