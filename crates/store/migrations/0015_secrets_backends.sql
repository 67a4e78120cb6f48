-- Vault and AWS Secrets Manager are secrets backends, too.

CREATE TABLE workspace_with_backends (
    id              INTEGER PRIMARY KEY CHECK (id = 1),
    workspace_id    TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    secrets_backend TEXT CHECK (secrets_backend IN ('keychain', 'file', 'vault', 'aws')),
    dashboard_url   TEXT
) STRICT;

INSERT INTO workspace_with_backends (id, workspace_id, created_at, secrets_backend, dashboard_url)
SELECT id, workspace_id, created_at, secrets_backend, dashboard_url FROM workspace;

DROP TABLE workspace;

ALTER TABLE workspace_with_backends RENAME TO workspace;
