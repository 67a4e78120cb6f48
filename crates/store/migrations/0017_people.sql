-- Who signed in, as the identity provider says: a name for people to read, and the subject, which
-- identifies the person there. Empty for a session that a sign-in link opened.
ALTER TABLE sessions ADD COLUMN person_name TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN person_subject TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN person_issuer TEXT NOT NULL DEFAULT '';
-- Whether the last start accepts sign-in links, so that the command makes none in vain.
ALTER TABLE workspace ADD COLUMN sign_in_links INTEGER NOT NULL DEFAULT 1
    CHECK (sign_in_links IN (0, 1));
