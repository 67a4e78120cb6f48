-- The record of a secret decides which value in the backend counts.

-- The revision that the value must carry; NULL for one that was stored before there were revisions,
-- or by another program.
ALTER TABLE secrets ADD COLUMN revision TEXT;
-- 0 for a secret that was removed, or never committed, while the backend may still hold a value
-- that must be deleted.
ALTER TABLE secrets ADD COLUMN expected INTEGER NOT NULL DEFAULT 1 CHECK (expected IN (0, 1));
