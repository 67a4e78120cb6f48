-- Until when the key that another one replaced is kept. The key itself is in the secrets backend.

CREATE TABLE previous_keys (
    -- A provider's name or a source's slug.
    owner TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
