-- How long requests to a provider or source may take, where it differs from the others: a JSON object of
-- numbers of seconds by name.
ALTER TABLE providers ADD COLUMN limits TEXT NOT NULL DEFAULT '{}'
    CHECK (json_type(limits) = 'object');
ALTER TABLE sources ADD COLUMN limits TEXT NOT NULL DEFAULT '{}'
    CHECK (json_type(limits) = 'object');
