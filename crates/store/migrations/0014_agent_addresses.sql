-- The private origins of an agent's own base URLs that an administrator confirmed: a JSON array.

ALTER TABLE agents ADD COLUMN allow_private TEXT NOT NULL DEFAULT '[]'
    CHECK (json_type(allow_private) = 'array');
