-- Whether forwarding refuses bodies with a field that a gateway may route by.

ALTER TABLE settings ADD COLUMN refuse_body_routing INTEGER NOT NULL DEFAULT 0
    CHECK (refuse_body_routing IN (0, 1));
