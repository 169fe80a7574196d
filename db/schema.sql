-- The sum of db/migrations, written by `npm run generate`. Read this, change those.

CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE writers (
  token TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE blind_spots (
  id INTEGER PRIMARY KEY,
  payload TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE blind_sets (
  id INTEGER PRIMARY KEY,
  members TEXT NOT NULL UNIQUE -- ids of blind_spots in order, "3,7,12"
) STRICT;

CREATE TABLE cycles (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('agent', 'scan')),
  blind_set_id INTEGER NOT NULL REFERENCES blind_sets (id),
  connections INTEGER NOT NULL,
  connections_owned INTEGER NOT NULL,
  changes INTEGER NOT NULL -- rows opened, closed or altered; cycles without any are thinned out first
) STRICT;

CREATE INDEX cycles_by_blind_set ON cycles (blind_set_id);

CREATE TABLE blind_periods (
  id INTEGER PRIMARY KEY,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  UNIQUE (from_at, to_at, cause)
) STRICT;

CREATE TABLE coverage (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  netns TEXT NOT NULL,
  eyes TEXT NOT NULL, -- '' sees every socket; else user and gaps of the look
  observer TEXT NOT NULL, -- origin and user of the last look
  last_at INTEGER NOT NULL,
  UNIQUE (source, netns, eyes)
) STRICT;

CREATE TABLE processes (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE, -- pid:startTicks, with name and program where the start is unknown
  payload TEXT NOT NULL,
  first_at INTEGER NOT NULL
) STRICT;

CREATE TABLE listeners (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  ordinal INTEGER NOT NULL, -- above 0 where several sockets share one address and port (SO_REUSEPORT)
  coverage_id INTEGER NOT NULL REFERENCES coverage (id),
  process_id INTEGER REFERENCES processes (id),
  inode INTEGER, -- tells a socket from its successor at the same addresses
  gateway_id TEXT,
  payload TEXT NOT NULL, -- the listener without its owner
  owner TEXT, -- the owner without its process; kept while the same socket's owner is not looked up again
  first_at INTEGER NOT NULL,
  last_at INTEGER, -- set when closed
  closed_at INTEGER
) STRICT;

CREATE UNIQUE INDEX listeners_open ON listeners (key, ordinal) WHERE closed_at IS NULL;

CREATE INDEX listeners_closed ON listeners (closed_at) WHERE closed_at IS NOT NULL;

CREATE INDEX listeners_by_key ON listeners (key, last_at);

CREATE INDEX listeners_by_process ON listeners (process_id);

CREATE INDEX listeners_by_coverage ON listeners (coverage_id);

CREATE TABLE connections (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  coverage_id INTEGER NOT NULL REFERENCES coverage (id),
  process_id INTEGER REFERENCES processes (id),
  inode INTEGER, -- tells a socket from its successor at the same addresses
  gateway_id TEXT,
  direction TEXT NOT NULL,
  remote_address TEXT,
  payload TEXT NOT NULL,
  owner TEXT,
  first_at INTEGER NOT NULL,
  last_at INTEGER,
  closed_at INTEGER
, destination_id INTEGER REFERENCES destinations (id) ON DELETE SET NULL, bytes_out INTEGER, bytes_in INTEGER) STRICT;

CREATE UNIQUE INDEX connections_open ON connections (key, ordinal) WHERE closed_at IS NULL;

CREATE INDEX connections_closed ON connections (closed_at) WHERE closed_at IS NOT NULL;

CREATE INDEX connections_inbound ON connections (gateway_id, remote_address, first_at, last_at)
  WHERE direction = 'inbound' AND gateway_id IS NOT NULL;

CREATE INDEX connections_by_process ON connections (process_id);

CREATE INDEX connections_by_coverage ON connections (coverage_id);

CREATE TABLE gateways (
  id TEXT PRIMARY KEY,
  payload TEXT NOT NULL,
  uid INTEGER NOT NULL, -- user whose look saw it last; another user's look cannot say that it is gone
  first_at INTEGER NOT NULL,
  gone_at INTEGER
) STRICT;

CREATE TABLE config_history (
  id INTEGER PRIMARY KEY,
  gateway_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  subset TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;

CREATE INDEX config_history_by_gateway ON config_history (gateway_id, id);

CREATE TABLE findings (
  id INTEGER PRIMARY KEY,
  fingerprint TEXT NOT NULL UNIQUE,
  short_id TEXT NOT NULL UNIQUE,
  rule_id TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('finding', 'unknown')),
  severity TEXT NOT NULL,
  gateway_id TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'acknowledged', 'suppressed', 'resolved')),
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  resolved_at INTEGER, -- also set on a suppressed finding while it is absent
  count INTEGER NOT NULL,
  missed INTEGER NOT NULL, -- looks in a row that could have seen it and did not
  origin TEXT NOT NULL, -- of the last sight, as uid and blind_set_id are
  uid INTEGER NOT NULL,
  blind_set_id INTEGER NOT NULL REFERENCES blind_sets (id)
, muted_by_policy INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX findings_present ON findings (status) WHERE resolved_at IS NULL;

CREATE INDEX findings_by_blind_set ON findings (blind_set_id);

CREATE TABLE finding_details (
  finding_id INTEGER PRIMARY KEY REFERENCES findings (id) ON DELETE CASCADE,
  payload TEXT NOT NULL
) STRICT;

CREATE TABLE finding_events (
  id INTEGER PRIMARY KEY,
  finding_id INTEGER NOT NULL REFERENCES findings (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  event TEXT NOT NULL, -- new, reopened, or the status it was given
  reason TEXT NOT NULL
) STRICT;

CREATE INDEX finding_events_by_finding ON finding_events (finding_id, id);

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

CREATE INDEX connections_by_destination ON connections (destination_id) WHERE destination_id IS NOT NULL;

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

CREATE TABLE skills (
  gateway_id TEXT NOT NULL,
  directory TEXT NOT NULL,
  payload TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  gone_at INTEGER,
  PRIMARY KEY (gateway_id, directory)
) STRICT;
