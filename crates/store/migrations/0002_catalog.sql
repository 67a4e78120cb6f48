-- The catalog: workspace providers, custom sources, models, and what came of the calls to them.
-- Times are Unix seconds. No table holds a secret: of static headers only the names are here.
-- An owner is a provider's name (of any layer) or a source's slug; both share one name space.

CREATE TABLE providers (
    name            TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('gateway', 'openai_compatible')),
    base_url        TEXT NOT NULL,
    api_key_env     TEXT,
    -- A JSON object of strings, by name as written.
    default_headers TEXT NOT NULL CHECK (json_type(default_headers) = 'object'),
    docs            TEXT,
    -- The confirmation that this base URL's origin may be called although it is private.
    allow_private   INTEGER NOT NULL CHECK (allow_private IN (0, 1)),
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    -- Never used twice, so that a refresh that began before a source was deleted cannot write
    -- into the source that took its slug.
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    slug          TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    -- As typed; empty where none was given yet.
    base_url      TEXT NOT NULL,
    -- Null means `Authorization: Bearer <value>`.
    auth_header   TEXT,
    -- A JSON array of the static headers' names.
    header_names  TEXT NOT NULL CHECK (json_type(header_names) = 'array'),
    passthrough   INTEGER NOT NULL CHECK (passthrough IN (0, 1)),
    allow_private INTEGER NOT NULL CHECK (allow_private IN (0, 1)),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

-- What becomes of an owner's new models, where it is not what Settings says.
CREATE TABLE new_models (
    owner  TEXT PRIMARY KEY,
    policy TEXT NOT NULL CHECK (policy IN ('enabled', 'disabled'))
) STRICT, WITHOUT ROWID;

CREATE TABLE models (
    owner        TEXT NOT NULL,
    id           TEXT NOT NULL,
    name         TEXT,
    context      INTEGER,
    -- US dollars per million tokens, as decimals. Null is unknown, not free.
    input_price  TEXT,
    output_price TEXT,
    mode         TEXT,
    retires_on   TEXT,
    -- What a search looks in: ref and name in lower case. SQLite folds only ASCII by itself.
    search       TEXT NOT NULL,
    enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    absent       INTEGER NOT NULL CHECK (absent IN (0, 1)),
    first_seen   INTEGER NOT NULL,
    last_seen    INTEGER NOT NULL,
    PRIMARY KEY (owner, id)
) STRICT, WITHOUT ROWID;

-- The models that routing remarks on are few among many.
CREATE INDEX models_not_plain ON models (owner, id, enabled, absent) WHERE enabled = 0 OR absent = 1;

-- The last test and the last refresh of each owner.
CREATE TABLE outcomes (
    owner       TEXT NOT NULL,
    call        TEXT NOT NULL CHECK (call IN ('test', 'refresh')),
    at          INTEGER NOT NULL,
    outcome     TEXT NOT NULL,
    message     TEXT NOT NULL,
    status      INTEGER,
    duration_ms INTEGER NOT NULL,
    added       INTEGER NOT NULL,
    removed     INTEGER NOT NULL,
    changed     INTEGER NOT NULL,
    unchanged   INTEGER NOT NULL,
    PRIMARY KEY (owner, call)
) STRICT, WITHOUT ROWID;
