//! Agents: their documents, as they were written.

use sqlx::{FromRow, Sqlite, SqliteExecutor, SqlitePool, Transaction};

/// An agent, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct StoredAgent {
    /// The name.
    pub name: String,
    /// The document.
    pub yaml: String,
    /// Its version.
    pub version: i64,
    /// When it was last changed, in Unix seconds.
    pub updated_at: i64,
    /// Who changed it, as the audit log names them.
    pub updated_by: String,
}

/// A page holds at most so many bytes of documents, unless its only one has more.
const PAGE_BYTES: i64 = 4 * 1024 * 1024;

/// The agents after a name, in the order of their names: at most `limit` of them, and fewer where
/// they are large.
///
/// # Errors
/// Whatever the database says.
pub async fn page(
    pool: &SqlitePool,
    after: &str,
    limit: u32,
) -> Result<Vec<StoredAgent>, sqlx::Error> {
    sqlx::query_as(
        "SELECT name, yaml, version, updated_at, updated_by FROM (
             SELECT agents.name, agents.yaml, audit.id AS version, audit.at AS updated_at,
                    audit.actor AS updated_by,
                    sum(octet_length(agents.yaml)) OVER so_far AS bytes,
                    row_number() OVER so_far AS place
             FROM agents
             JOIN versions ON versions.target = 'agent:' || agents.name
             JOIN audit ON audit.id = versions.audit_id
             WHERE agents.name > ?1
             WINDOW so_far AS (ORDER BY agents.name)
             LIMIT ?2
         ) WHERE bytes <= ?3 OR place = 1 ORDER BY name",
    )
    .bind(after)
    .bind(limit)
    .bind(PAGE_BYTES)
    .fetch_all(pool)
    .await
}

/// One by its name.
///
/// # Errors
/// Whatever the database says.
pub async fn find(
    executor: impl SqliteExecutor<'_>,
    name: &str,
) -> Result<Option<StoredAgent>, sqlx::Error> {
    sqlx::query_as(
        "SELECT agents.name, agents.yaml, audit.id AS version, audit.at AS updated_at,
                audit.actor AS updated_by
         FROM agents
         JOIN versions ON versions.target = 'agent:' || agents.name
         JOIN audit ON audit.id = versions.audit_id
         WHERE agents.name = ?1",
    )
    .bind(name)
    .fetch_optional(executor)
    .await
}

/// Whether there is an agent after a name.
///
/// # Errors
/// Whatever the database says.
pub async fn any_after(executor: impl SqliteExecutor<'_>, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM agents WHERE name > ?1)")
        .bind(name)
        .fetch_one(executor)
        .await
}

/// The name and version of every agent, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn versions(
    executor: impl SqliteExecutor<'_>,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT agents.name, versions.audit_id FROM agents
         JOIN versions ON versions.target = 'agent:' || agents.name
         ORDER BY agents.name",
    )
    .fetch_all(executor)
    .await
}

/// The documents of agents whose version is above this one, with name and version.
///
/// # Errors
/// Whatever the database says.
pub async fn changed_since(
    executor: impl SqliteExecutor<'_>,
    version: i64,
) -> Result<Vec<(String, i64, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT agents.name, versions.audit_id, agents.yaml FROM agents
         JOIN versions ON versions.target = 'agent:' || agents.name
         WHERE versions.audit_id > ?1",
    )
    .bind(version)
    .fetch_all(executor)
    .await
}

/// Adds one, or puts its document in the place of the one of its name.
///
/// # Errors
/// Whatever the database says.
pub async fn put(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
    yaml: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO agents (name, yaml) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET yaml = excluded.yaml",
    )
    .bind(name)
    .bind(yaml)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Deletes one; says whether it was there.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM agents WHERE name = ?1")
        .bind(name)
        .execute(&mut **transaction)
        .await?;
    Ok(deleted.rows_affected() > 0)
}
