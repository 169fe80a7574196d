-- Times are Unix ms. Text columns may hold text from outside as it was: nothing here is printed without safeText.

-- Migrations applied, to notice a released file that was changed afterwards.
CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

-- Processes that have the file open for writing. A row of a process that is gone means that it did not close it.
CREATE TABLE writers (
  token TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single values of the store itself.
CREATE TABLE state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Blind spots repeat each cycle: a cycle names a set, a set names its members.
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

-- A stretch without a look although somebody should have looked.
CREATE TABLE blind_periods (
  id INTEGER PRIMARY KEY,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  UNIQUE (from_at, to_at, cause)
) STRICT;

-- What has been looked at, by which eyes, and when last. Open sockets were present at every look at their row here, so
-- their last sight is this last_at and need not be written each cycle.
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
) STRICT;
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

-- Network-relevant configuration of a gateway each time that it differed from the time before.
CREATE TABLE config_history (
  id INTEGER PRIMARY KEY,
  gateway_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  subset TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX config_history_by_gateway ON config_history (gateway_id, id);

-- The part of a finding that changes at each sight is narrow; its text lies in finding_details.
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
) STRICT;
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
