-- Whom the family talks to, what the user said about it, and how much of it was seen.

-- What the user allowed or muted. Rows are never deleted: removal and expiry are columns, so that the record tells later
-- why something was silent.
CREATE TABLE policy_rules (
  id INTEGER PRIMARY KEY,
  action TEXT NOT NULL CHECK (action IN ('allow', 'suppress')),
  scope_kind TEXT NOT NULL CHECK (scope_kind IN ('skill', 'role', 'everywhere')),
  scope_name TEXT CHECK ((scope_name IS NULL) = (scope_kind = 'everywhere')),
  pattern TEXT NOT NULL,
  reason TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('user', 'learned')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  removed_at INTEGER,
  removed_reason TEXT
) STRICT;

-- One row for each subject and destination, whatever the number of connections, processes and restarts.
CREATE TABLE destinations (
  id INTEGER PRIMARY KEY,
  subject TEXT NOT NULL, -- 'skill NAME', else the role
  destination TEXT NOT NULL, -- registrable domain, else name, else address:port
  fingerprint TEXT NOT NULL, -- of the finding that tells of this contact
  role TEXT NOT NULL, -- this and what follows up to the port: of the latest connection
  skill TEXT,
  gateway_id TEXT,
  name TEXT,
  name_source TEXT,
  address TEXT NOT NULL,
  port INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL, -- at most a minute behind
  last_day INTEGER NOT NULL, -- days since 1970 (UTC) of the newest day counted
  days INTEGER NOT NULL,
  learning_days INTEGER NOT NULL, -- days seen in the present learning period
  last_learning_day INTEGER NOT NULL,
  grave INTEGER NOT NULL DEFAULT 0, -- a finding of medium or graver rested on it: never learned
  rejected_at INTEGER,
  connections INTEGER NOT NULL,
  bytes_out INTEGER NOT NULL,
  bytes_in INTEGER NOT NULL,
  verdict TEXT,
  verdict_reason TEXT,
  UNIQUE (subject, destination)
) STRICT;
CREATE INDEX destinations_by_fingerprint ON destinations (fingerprint);
CREATE INDEX destinations_by_verdict ON destinations (verdict, last_at);
CREATE INDEX destinations_by_age ON destinations (last_at);

ALTER TABLE connections ADD COLUMN destination_id INTEGER REFERENCES destinations (id) ON DELETE SET NULL;
ALTER TABLE connections ADD COLUMN bytes_out INTEGER; -- while it is open, these two lag behind by seconds
ALTER TABLE connections ADD COLUMN bytes_in INTEGER;
CREATE INDEX connections_by_destination ON connections (destination_id) WHERE destination_id IS NOT NULL;

-- 1: muted by a row of policy_rules, so it reopens when that no longer counts; 0: by hand, so it does not.
ALTER TABLE findings ADD COLUMN muted_by_policy INTEGER NOT NULL DEFAULT 0;

-- Connections opened in our network namespace against those identified, summed by hour.
CREATE TABLE connection_coverage (
  hour_at INTEGER PRIMARY KEY, -- start of the hour
  from_at INTEGER NOT NULL, -- what was measured of it
  to_at INTEGER NOT NULL,
  interval_ms INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  owned INTEGER NOT NULL,
  named INTEGER NOT NULL
) STRICT;
