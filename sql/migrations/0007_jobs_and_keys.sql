CREATE TABLE job (
  id             INTEGER PRIMARY KEY,
  kind           TEXT NOT NULL CHECK (kind <> ''),
  spec           TEXT NOT NULL CHECK (json_valid(spec)),
  dedup_key      TEXT CHECK (dedup_key <> ''),
  state          TEXT NOT NULL CHECK (instr(' queued running succeeded failed cancelled ', ' ' || state || ' ')),
  attempt        INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
  due_at_ms      INTEGER NOT NULL CHECK (due_at_ms > 0),
  lease_until_ms INTEGER CHECK (lease_until_ms > 0),
  done           INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  total          INTEGER CHECK (total >= 0),
  created_at_ms  INTEGER NOT NULL CHECK (created_at_ms > 0),
  started_at_ms  INTEGER CHECK (started_at_ms > 0),
  finished_at_ms INTEGER CHECK (finished_at_ms > 0),
  report         TEXT CHECK (json_valid(report))
) STRICT;
CREATE UNIQUE INDEX job_by_dedup ON job (dedup_key) WHERE state IN ('queued', 'running');
CREATE INDEX job_by_due ON job (due_at_ms) WHERE state = 'queued';

CREATE TABLE api_key (
  id              INTEGER PRIMARY KEY,
  public_id       TEXT NOT NULL UNIQUE CHECK (public_id <> ''),
  name            TEXT NOT NULL CHECK (name <> ''),
  scopes          TEXT NOT NULL CHECK (scopes <> ''),
  digest          BLOB NOT NULL CHECK (length(digest) = 32),
  created_at_ms   INTEGER NOT NULL CHECK (created_at_ms > 0),
  expires_at_ms   INTEGER CHECK (expires_at_ms > 0),
  last_used_at_ms INTEGER CHECK (last_used_at_ms > 0),
  revoked_at_ms   INTEGER CHECK (revoked_at_ms > 0)
) STRICT;
