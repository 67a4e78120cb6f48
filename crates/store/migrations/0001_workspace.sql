-- The workspace itself, its settings, who may sign in and who is, and what was changed by whom.
-- Times are Unix seconds. No table holds a secret: tokens are kept as SHA-256 digests.

CREATE TABLE workspace (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    -- Random. Keychain entries carry it, so that two data directories never share a key.
    workspace_id    TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    -- Null until the first start has chosen one. It never changes silently afterwards.
    secrets_backend TEXT CHECK (secrets_backend IN ('keychain', 'file')),
    -- Where the last start served the dashboard, so that a new sign-in link leads there.
    dashboard_url   TEXT
) STRICT;

CREATE TABLE settings (
    id                        INTEGER PRIMARY KEY CHECK (id = 1),
    managed_gateway           TEXT NOT NULL DEFAULT 'litellm',
    new_models_start_disabled INTEGER NOT NULL DEFAULT 0 CHECK (new_models_start_disabled IN (0, 1)),
    default_model             TEXT
) STRICT;

INSERT INTO settings (id) VALUES (1);

CREATE TABLE sign_in_links (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    role       TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash   BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    -- What the audit log calls the session. It opens nothing.
    public_id    TEXT NOT NULL UNIQUE,
    role         TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    -- The absolute end. The idle end follows from last_seen_at.
    expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    -- A JSON array of field names. Never values.
    fields TEXT NOT NULL CHECK (json_valid(fields))
) STRICT;

-- The audit log only grows.
CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- The sample workspace, while it is installed: the digest of its endpoint's key.
CREATE TABLE sample (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    key_hash     BLOB NOT NULL CHECK (length(key_hash) = 32),
    installed_at INTEGER NOT NULL
) STRICT;
