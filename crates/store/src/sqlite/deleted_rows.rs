//! The rows of something that is about to be deleted, as they stand, so that they can be written
//! back. No table of these holds a secret.

use crate::deleted_rows::DeletedRows;
use sqlx::{AssertSqlSafe, SqliteConnection};

/// A table, the expression that names the thing (mostly a column), and every column.
struct Table {
    name: &'static str,
    key: &'static str,
    columns: &'static [&'static str],
}

const AGENT: &[Table] = &[
    Table {
        name: "agents",
        key: "name",
        columns: &[
            "name",
            "yaml",
            "version",
            "updated_at",
            "updated_by",
            "id",
            "allow_private",
        ],
    },
    // After the agent that they refer to, so that they can be written back.
    Table {
        name: "api_tokens",
        key: "(SELECT name FROM agents WHERE agents.id = agent_id)",
        columns: &[
            "id",
            "token_hash",
            "agent_id",
            "role",
            "label",
            "hint",
            "created_at",
            "created_by",
            "last_used_at",
            "expires_at",
        ],
    },
];

const PROVIDER: &[Table] = &[Table {
    name: "providers",
    key: "name",
    columns: &[
        "name",
        "kind",
        "base_url",
        "api_key_env",
        "default_headers",
        "docs",
        "allow_private",
        "created_at",
        "updated_at",
        "id",
        "pass_headers",
        "limits",
    ],
}];

const SOURCE: &[Table] = &[Table {
    name: "sources",
    key: "slug",
    columns: &[
        // The number as well: it is the same source again, not a later one of its slug.
        "id",
        "slug",
        "name",
        "base_url",
        "auth_header",
        "header_names",
        "passthrough",
        "allow_private",
        "created_at",
        "updated_at",
        "version",
        "pass_headers",
        "limits",
    ],
}];

/// What the database tells of an owner of models beside its own row.
const OWNED: &[Table] = &[
    Table {
        name: "models",
        key: "owner",
        columns: &[
            "owner",
            "id",
            "name",
            "context",
            "input_price",
            "output_price",
            "mode",
            "retires_on",
            "search",
            "enabled",
            "absent",
            "first_seen",
            "last_seen",
        ],
    },
    Table {
        name: "outcomes",
        key: "owner",
        columns: &[
            "owner",
            "call",
            "at",
            "outcome",
            "message",
            "status",
            "duration_ms",
            "added",
            "removed",
            "changed",
            "unchanged",
        ],
    },
    Table {
        name: "verifications",
        key: "owner",
        columns: &["owner", "credential", "state", "at", "outcome", "message"],
    },
    Table {
        name: "previous_keys",
        key: "owner",
        columns: &["owner", "until"],
    },
    Table {
        name: "new_models",
        key: "owner",
        columns: &["owner", "policy"],
    },
];

const NAME: &[Table] = &[Table {
    name: "names",
    key: "name",
    columns: &["name", "kind"],
}];

/// Every table above, to find one by its name.
fn tables() -> impl Iterator<Item = &'static Table> {
    AGENT
        .iter()
        .chain(PROVIDER)
        .chain(SOURCE)
        .chain(OWNED)
        .chain(NAME)
}

/// The rows of an agent.
pub(super) async fn of_agent(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<DeletedRows, sqlx::Error> {
    read(connection, AGENT.iter(), name).await
}

/// The rows of a provider of the workspace and, where asked, what it owns.
pub(super) async fn of_provider(
    connection: &mut SqliteConnection,
    name: &str,
    owned: bool,
) -> Result<DeletedRows, sqlx::Error> {
    let owned = if owned { OWNED } else { &[] };
    read(connection, NAME.iter().chain(PROVIDER).chain(owned), name).await
}

/// The rows of a custom source and what it owns.
pub(super) async fn of_source(
    connection: &mut SqliteConnection,
    slug: &str,
) -> Result<DeletedRows, sqlx::Error> {
    read(connection, NAME.iter().chain(SOURCE).chain(OWNED), slug).await
}

/// Each table's rows as one JSON array of arrays.
async fn read(
    connection: &mut SqliteConnection,
    tables: impl Iterator<Item = &'static Table>,
    named: &str,
) -> Result<DeletedRows, sqlx::Error> {
    let mut deleted = Vec::new();
    for table in tables {
        let columns = table.columns.join(", ");
        let statement = format!(
            "SELECT json_group_array(json_array({columns})) FROM {} WHERE {} = ?1",
            table.name, table.key
        );
        let rows: String = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(named)
            .fetch_one(&mut *connection)
            .await?;
        deleted.push((table.name.to_owned(), rows));
    }
    Ok(DeletedRows(deleted))
}

/// Writes them back.
pub(super) async fn restore(
    connection: &mut SqliteConnection,
    deleted: &DeletedRows,
) -> Result<(), sqlx::Error> {
    for (name, rows) in &deleted.0 {
        let Some(table) = tables().find(|table| table.name == name) else {
            continue;
        };
        let values: Vec<String> = (0..table.columns.len())
            .map(|place| format!("value ->> {place}"))
            .collect();
        // What an owner had may be there again: a provider of the file can own models meanwhile.
        let verb = if OWNED.iter().any(|owned| owned.name == name) {
            "INSERT OR REPLACE"
        } else {
            "INSERT"
        };
        let statement = format!(
            "{verb} INTO {} ({}) SELECT {} FROM json_each(?1)",
            table.name,
            table.columns.join(", "),
            values.join(", ")
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(rows)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::tests::connection;

    #[tokio::test]
    async fn every_column_of_every_table_is_kept() {
        let (_folder, mut connection) = connection().await;
        for table in tables() {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1)")
                .bind(table.name)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            assert_eq!(columns, table.columns, "{}", table.name);
        }
    }
}
