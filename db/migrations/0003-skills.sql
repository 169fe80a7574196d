-- Installed skills as last found; those that went away stay, so that an old finding can still be explained.
CREATE TABLE skills (
  gateway_id TEXT NOT NULL,
  directory TEXT NOT NULL,
  payload TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  gone_at INTEGER,
  PRIMARY KEY (gateway_id, directory)
) STRICT;
