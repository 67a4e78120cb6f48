-- What changed fields were before and after an event of the audit log. Secrets have no row here.

CREATE TABLE audit_values (
    audit_id INTEGER NOT NULL REFERENCES audit (id),
    field    TEXT NOT NULL,
    -- Null if the field had no value.
    before   TEXT,
    after    TEXT,
    PRIMARY KEY (audit_id, field)
) STRICT, WITHOUT ROWID;

-- The audit log only grows.
CREATE TRIGGER audit_values_are_not_edited BEFORE UPDATE ON audit_values
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_values_are_not_cut BEFORE DELETE ON audit_values
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
