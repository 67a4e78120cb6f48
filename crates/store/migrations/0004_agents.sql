-- Agents, and the versions of everything that somebody can change while another has it open.

CREATE TABLE agents (
    -- As the document gives it.
    name TEXT PRIMARY KEY,
    -- The document as it was written. It holds no secret: the reader refuses those that have one.
    yaml TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The version of a thing is the number of the last audit row that tells of it: each change writes
-- one in its own transaction, numbers only rise, and what is deleted and made anew never has a
-- version that it had before. A target outlives its thing for that reason.
CREATE TABLE versions (
    -- `settings`, `default-model`, `provider:<name>`, `source:<slug>` or `agent:<name>`.
    target   TEXT PRIMARY KEY,
    audit_id INTEGER NOT NULL REFERENCES audit (id)
) STRICT, WITHOUT ROWID;

INSERT INTO versions (target, audit_id)
SELECT CASE WHEN action LIKE 'default_model.%' THEN 'default-model' ELSE target END, max(id)
FROM audit
WHERE target = 'settings' OR target GLOB 'provider:*' OR target GLOB 'source:*'
GROUP BY 1;

CREATE TRIGGER audit_gives_the_version AFTER INSERT ON audit
WHEN NEW.target IN ('settings', 'default-model') OR NEW.target GLOB 'provider:*'
     OR NEW.target GLOB 'source:*' OR NEW.target GLOB 'agent:*'
BEGIN
    INSERT INTO versions (target, audit_id) VALUES (NEW.target, NEW.id)
    ON CONFLICT (target) DO UPDATE SET audit_id = excluded.audit_id;
END;
