-- What a person recognises a session by: the browser and platform it was opened with, and the
-- address it was opened from. Empty for sessions of earlier releases.
ALTER TABLE sessions ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
