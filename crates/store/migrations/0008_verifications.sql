-- What checks said about credentials.

CREATE TABLE verifications (
    -- A provider's name or a source's slug.
    owner      TEXT NOT NULL,
    -- A name for the value that was sent and the origin that it was sent to. It is no secret, and
    -- another value or origin has another name.
    credential TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('verified', 'refused')),
    at         INTEGER NOT NULL,
    outcome    TEXT NOT NULL,
    message    TEXT NOT NULL,
    PRIMARY KEY (owner, credential)
) STRICT, WITHOUT ROWID;
