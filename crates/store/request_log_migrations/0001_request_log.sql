-- The request log: a file apart from the workspace's database, so that neither waits for the other.

CREATE TABLE request (
    -- Requests that ended later have higher numbers. They are never used again.
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            BLOB NOT NULL UNIQUE,
    -- When it was accepted and when it ended, in Unix seconds.
    at            INTEGER NOT NULL,
    ended_at      INTEGER NOT NULL,
    agent         TEXT,
    agent_id      TEXT,
    token         TEXT,
    subagent      TEXT,
    operation     TEXT,
    model         TEXT,
    -- Of the last attempt.
    kind          TEXT,
    provider      TEXT,
    wire_model    TEXT,
    origin        TEXT,
    outcome       TEXT NOT NULL,
    status        INTEGER,
    code          TEXT,
    fallback      TEXT,
    -- Separated by spaces.
    flags         TEXT NOT NULL,
    -- Durations, in microseconds.
    first_byte_us INTEGER,
    total_us      INTEGER NOT NULL,
    -- Null where the answer did not say.
    tokens_in     INTEGER,
    tokens_out    INTEGER,
    tokens_cached INTEGER,
    bytes_in      INTEGER NOT NULL,
    bytes_out     INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    -- A row of `route`, which may be gone.
    route         INTEGER,
    -- A JSON list with a list for each attempt.
    attempts      TEXT NOT NULL
) STRICT;

-- An index ends in the number, so that each of these gives a page in order.
CREATE INDEX request_agent ON request (agent);
CREATE INDEX request_provider ON request (provider);
CREATE INDEX request_kind ON request (kind);
CREATE INDEX request_outcome ON request (outcome);
CREATE INDEX request_ended_at ON request (ended_at);

-- Each distinct route as it was decided, once.
CREATE TABLE route (
    id      INTEGER PRIMARY KEY,
    -- SHA-256 of the JSON.
    digest  BLOB NOT NULL UNIQUE,
    json    TEXT NOT NULL,
    -- In Unix seconds, at most an hour too early.
    used_at INTEGER NOT NULL
) STRICT;

CREATE INDEX route_used_at ON route (used_at);

-- Traffic, counted in slots of a minute and of a quarter of an hour.
CREATE TABLE traffic (
    -- The length of the slot and its beginning, in Unix seconds.
    width      INTEGER NOT NULL,
    slot       INTEGER NOT NULL,
    -- `agent`, `provider`, `source`, `model` or `kind`, and whose traffic it is.
    counted_by TEXT NOT NULL,
    key        TEXT NOT NULL,
    requests   INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    tokens_in  INTEGER NOT NULL,
    tokens_out INTEGER NOT NULL,
    -- Histograms of durations.
    first_byte BLOB NOT NULL,
    total      BLOB NOT NULL,
    PRIMARY KEY (width, counted_by, slot, key)
) STRICT, WITHOUT ROWID;
