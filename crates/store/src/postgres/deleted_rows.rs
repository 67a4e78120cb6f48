//! The rows of something that is about to be deleted, as they stand, so that they can be written
//! back. No table of these holds a secret.

use super::savepoint;
use crate::deleted_rows::DeletedRows;
use sqlx::{AssertSqlSafe, PgConnection};

/// A table, the expression that names the thing (mostly a column), and the columns of its primary key.
struct Table {
    name: &'static str,
    key: &'static str,
    primary: &'static [&'static str],
}

const AGENT: &[Table] = &[
    table("agents", "name", &["name"]),
    // After the agent that they refer to, so that they can be written back.
    table(
        "api_tokens",
        "(SELECT name FROM agents WHERE agents.id = agent_id)",
        &["id"],
    ),
];

const PROVIDER: &[Table] = &[table("providers", "name", &["name"])];

const SOURCE: &[Table] = &[table("sources", "slug", &["id"])];

/// What the database knows of an owner of models beside its own row.
const OWNED: &[Table] = &[
    table("models", "owner", &["owner", "id"]),
    table("outcomes", "owner", &["owner", "call"]),
    table("verifications", "owner", &["owner", "credential"]),
    table("previous_keys", "owner", &["owner"]),
    table("new_models", "owner", &["owner"]),
];

const NAME: &[Table] = &[table("names", "name", &["name"])];

const fn table(name: &'static str, key: &'static str, primary: &'static [&'static str]) -> Table {
    Table { name, key, primary }
}

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
    connection: &mut PgConnection,
    name: &str,
) -> Result<DeletedRows, sqlx::Error> {
    read(connection, AGENT.iter(), name).await
}

/// The rows of a provider of the workspace and, where asked, what it owns.
pub(super) async fn of_provider(
    connection: &mut PgConnection,
    name: &str,
    owned: bool,
) -> Result<DeletedRows, sqlx::Error> {
    let owned = if owned { OWNED } else { &[] };
    read(connection, NAME.iter().chain(PROVIDER).chain(owned), name).await
}

/// The rows of a custom source and what it owns.
pub(super) async fn of_source(
    connection: &mut PgConnection,
    slug: &str,
) -> Result<DeletedRows, sqlx::Error> {
    read(connection, NAME.iter().chain(SOURCE).chain(OWNED), slug).await
}

/// Each table's rows as one JSON array of objects, with every column that the table has.
async fn read(
    connection: &mut PgConnection,
    tables: impl Iterator<Item = &'static Table>,
    named: &str,
) -> Result<DeletedRows, sqlx::Error> {
    let mut deleted = Vec::new();
    for Table { name, key, .. } in tables {
        let statement = format!(
            "SELECT coalesce(json_agg(kept), '[]')::text FROM {name} AS kept WHERE {key} = $1"
        );
        let rows: String = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(named)
            .fetch_one(&mut *connection)
            .await?;
        deleted.push(((*name).to_owned(), rows));
    }
    Ok(DeletedRows(deleted))
}

/// Writes them back.
pub(super) async fn restore(
    connection: &mut PgConnection,
    deleted: &DeletedRows,
) -> Result<(), sqlx::Error> {
    savepoint::begin(connection).await?;
    let restored = write(connection, deleted).await;
    savepoint::end(connection, restored).await
}

async fn write(connection: &mut PgConnection, deleted: &DeletedRows) -> Result<(), sqlx::Error> {
    for (name, rows) in &deleted.0 {
        let Some(table) = tables().find(|table| table.name == name) else {
            continue;
        };
        if OWNED.iter().any(|owned| owned.name == name) {
            // What an owner had may be there again: a provider of the file can own models meanwhile.
            let key = table.primary.join(", ");
            let statement = format!(
                "DELETE FROM {name} WHERE ({key}) IN (
                     SELECT {key} FROM json_populate_recordset(NULL::{name}, $1::json) AS kept)"
            );
            sqlx::query(AssertSqlSafe(statement))
                .bind(rows)
                .execute(&mut *connection)
                .await?;
        }
        let statement = format!(
            "INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::json)"
        );
        sqlx::query(AssertSqlSafe(statement))
            .bind(rows)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
