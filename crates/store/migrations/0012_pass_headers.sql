-- Headers of a caller that are passed on to a provider or source, beside those that always are: a JSON
-- array of lower-case names.

ALTER TABLE providers ADD COLUMN pass_headers TEXT NOT NULL DEFAULT '[]'
    CHECK (json_type(pass_headers) = 'array');
ALTER TABLE sources ADD COLUMN pass_headers TEXT NOT NULL DEFAULT '[]'
    CHECK (json_type(pass_headers) = 'array');
