-- API tokens, and the permanent id of an agent, which its tokens belong to.

-- Random, `[a-z0-9]{16}`. Renaming an agent keeps it.
ALTER TABLE agents ADD COLUMN id TEXT NOT NULL DEFAULT '';
UPDATE agents SET id = lower(hex(randomblob(8)));
CREATE UNIQUE INDEX agents_by_id ON agents (id);

CREATE TABLE api_tokens (
    -- What the API and the audit log call the token. It opens nothing.
    id           TEXT PRIMARY KEY,
    -- The SHA-256 digest of the token's text in hexadecimal.
    token_hash   TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
    -- An agent's token has an agent, a service token a role.
    agent_id     TEXT REFERENCES agents (id) ON DELETE CASCADE,
    role         TEXT CHECK (role IN ('admin', 'viewer')),
    label        TEXT NOT NULL,
    hint         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    last_used_at INTEGER,
    expires_at   INTEGER,
    CHECK ((agent_id IS NULL) <> (role IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX api_tokens_by_agent ON api_tokens (agent_id);
