-- The request log: tables apart from the workspace's, written over connections of their own.

-- The last number that was given. The row is locked until the records that it numbers are committed,
-- so that a reader who has seen a number has seen every lower one.
CREATE TABLE request_counter (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    last BIGINT NOT NULL
);

-- Above the numbers that the workspace's log on SQLite has, so that a page or a stream that knows those
-- goes on.
INSERT INTO request_counter (id, last) VALUES (1, (extract(epoch FROM now()) * 1000)::bigint);

CREATE TABLE request (
    -- Requests that ended later have higher numbers. They are never used again.
    number        BIGINT PRIMARY KEY,
    id            BYTEA NOT NULL UNIQUE,
    -- When it was accepted and when it ended, in Unix seconds.
    at            BIGINT NOT NULL,
    ended_at      BIGINT NOT NULL,
    agent         TEXT COLLATE "C",
    agent_id      TEXT COLLATE "C",
    token         TEXT COLLATE "C",
    subagent      TEXT COLLATE "C",
    operation     TEXT COLLATE "C",
    model         TEXT COLLATE "C",
    -- Of the last attempt.
    kind          TEXT COLLATE "C",
    provider      TEXT COLLATE "C",
    wire_model    TEXT COLLATE "C",
    origin        TEXT COLLATE "C",
    outcome       TEXT COLLATE "C" NOT NULL,
    status        BIGINT,
    code          TEXT COLLATE "C",
    fallback      TEXT COLLATE "C",
    -- Separated by spaces.
    flags         TEXT COLLATE "C" NOT NULL,
    -- Durations, in microseconds.
    first_byte_us BIGINT,
    total_us      BIGINT NOT NULL,
    -- Null where the answer did not say.
    tokens_in     BIGINT,
    tokens_out    BIGINT,
    tokens_cached BIGINT,
    bytes_in      BIGINT NOT NULL,
    bytes_out     BIGINT NOT NULL,
    generation    BIGINT NOT NULL,
    -- A row of `route`, which may be gone.
    route         BIGINT,
    -- A JSON list with a list for each attempt.
    attempts      TEXT COLLATE "C" NOT NULL
);

-- Each ends in the number, so that it gives a page in order.
CREATE INDEX request_agent ON request (agent, number);
CREATE INDEX request_provider ON request (provider, number);
CREATE INDEX request_kind ON request (kind, number);
CREATE INDEX request_outcome ON request (outcome, number);
CREATE INDEX request_ended_at ON request (ended_at, number);

-- Each distinct route as it was decided, once.
CREATE TABLE route (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the JSON.
    digest  BYTEA NOT NULL UNIQUE,
    json    TEXT COLLATE "C" NOT NULL,
    -- In Unix seconds, at most an hour too early.
    used_at BIGINT NOT NULL
);

CREATE INDEX route_used_at ON route (used_at);

-- Traffic, counted in slots of a minute and of a quarter of an hour.
CREATE TABLE traffic (
    -- The length of the slot and its beginning, in Unix seconds.
    width      BIGINT NOT NULL,
    slot       BIGINT NOT NULL,
    -- `agent`, `provider`, `source`, `model` or `kind`, and whose traffic it is.
    counted_by TEXT COLLATE "C" NOT NULL,
    key        TEXT COLLATE "C" NOT NULL,
    requests   BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    tokens_in  BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    -- Histograms of durations.
    first_byte BYTEA NOT NULL,
    total      BYTEA NOT NULL,
    PRIMARY KEY (width, counted_by, slot, key)
);
