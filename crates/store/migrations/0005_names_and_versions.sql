-- One name space for providers of the workspace and custom sources, and a version in every row
-- that can be edited.

-- Taking a name is an insert here: of two that want it at once, the key lets one have it.
CREATE TABLE names (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('provider', 'source'))
) STRICT, WITHOUT ROWID;

INSERT INTO names (name, kind) SELECT name, 'provider' FROM providers;
INSERT INTO names (name, kind) SELECT slug, 'source' FROM sources WHERE true ON CONFLICT DO NOTHING;

-- The last version that was handed out. One counter for everything, so that versions rise with
-- time and what is deleted and made anew never has a version that it had before. Until now a
-- version was the number of an audit row; the counter continues from the last of those.
CREATE TABLE version_counter (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;

INSERT INTO version_counter (id, last) SELECT 1, coalesce(max(id), 0) FROM audit;

ALTER TABLE settings ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE settings ADD COLUMN default_model_version INTEGER NOT NULL DEFAULT 0;
UPDATE settings SET
    version = coalesce((SELECT audit_id FROM versions WHERE target = 'settings'), 0),
    default_model_version =
        coalesce((SELECT audit_id FROM versions WHERE target = 'default-model'), 0);

-- Providers of every layer can be edited (their key, their policy for new models), while only those
-- of the workspace have a row of their own.
CREATE TABLE provider_versions (
    name    TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO provider_versions (name, version)
SELECT substr(target, length('provider:') + 1), audit_id FROM versions WHERE target GLOB 'provider:*';

-- A number that no later provider of the name has.
ALTER TABLE providers ADD COLUMN id INTEGER NOT NULL DEFAULT 0;
UPDATE providers SET id = (SELECT count(*) FROM providers AS other WHERE other.name <= providers.name);

ALTER TABLE sources ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
UPDATE sources SET
    version = coalesce((SELECT audit_id FROM versions WHERE target = 'source:' || sources.slug), 0);

ALTER TABLE agents ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN updated_by TEXT NOT NULL DEFAULT 'system';
UPDATE agents SET (version, updated_at, updated_by) = (
    SELECT audit.id, audit.at, audit.actor FROM versions
    JOIN audit ON audit.id = versions.audit_id
    WHERE versions.target = 'agent:' || agents.name
)
WHERE EXISTS (SELECT 1 FROM versions WHERE versions.target = 'agent:' || agents.name);
CREATE INDEX agents_by_version ON agents (version);

DROP TRIGGER audit_gives_the_version;
DROP TABLE versions;

-- Written and emptied again to see whether the database can be written.
CREATE TABLE write_probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    filler BLOB NOT NULL
) STRICT;
