-- What may be said of each stored secret. The values are in the secrets backend, never here.

CREATE TABLE secrets (
    -- `<provider>/api-key`, `sources/<slug>/auth-value`, `sources/<slug>/headers`.
    name      TEXT PRIMARY KEY,
    -- The origin it was entered for. The backend keeps it beside the value as well, and a secret
    -- is given out only where both agree.
    origin    TEXT NOT NULL,
    -- The last four characters, where the value is long enough to show them.
    hint      TEXT,
    set_at    INTEGER NOT NULL,
    -- 1 from before the backend is asked to change the value until it has answered: what is left
    -- by a crash in between is settled by asking the backend.
    unsettled INTEGER NOT NULL DEFAULT 0 CHECK (unsettled IN (0, 1))
) STRICT, WITHOUT ROWID;
