//! Agents: their documents, as they were written.

use super::savepoint;
use super::text::storable;
use crate::agent_id::agent_id;
use crate::agents::{AgentChanges, ChangedAgent, StoredAgent};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

/// A page holds at most this many bytes of documents, unless its only document has more.
const PAGE_BYTES: i64 = 4 * 1024 * 1024;

fn read(row: &PgRow) -> Result<StoredAgent, sqlx::Error> {
    Ok(StoredAgent {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        yaml: row.try_get("yaml")?,
        allow_private: origins(&row.try_get::<String, _>("allow_private")?)?,
        version: row.try_get::<i64, _>("version")?.unsigned_abs(),
        updated_at: row.try_get("updated_at")?,
        updated_by: row.try_get("updated_by")?,
    })
}

fn origins(json: &str) -> Result<Vec<String>, sqlx::Error> {
    serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

/// The agents after a name, in the order of their names: at most `limit` of them, and fewer where
/// they are large. Also says whether there are more.
pub(super) async fn page(
    connection: &mut PgConnection,
    after: &str,
    limit: u32,
) -> Result<(Vec<StoredAgent>, bool), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, name, yaml, allow_private, version, updated_at, updated_by FROM (
             SELECT id, name, yaml, allow_private, version, updated_at, updated_by,
                    sum(octet_length(yaml)) OVER so_far AS bytes,
                    row_number() OVER so_far AS place
             FROM agents
             WHERE name > $1
             WINDOW so_far AS (ORDER BY name)
             ORDER BY name
             LIMIT $2
         ) AS counted WHERE bytes <= $3 OR place = 1 ORDER BY name",
    )
    .bind(storable(after))
    .bind(i64::from(limit))
    .bind(PAGE_BYTES)
    .fetch_all(&mut *connection)
    .await?;
    let agents: Vec<StoredAgent> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let more = match agents.last() {
        None => false,
        Some(last) => {
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM agents WHERE name > $1)")
                .bind(&last.name)
                .fetch_one(&mut *connection)
                .await?
        }
    };
    Ok((agents, more))
}

/// One by its name.
pub(super) async fn find(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<StoredAgent>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, name, yaml, allow_private, version, updated_at, updated_by
         FROM agents WHERE name = $1",
    )
    .bind(storable(name))
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The current name of the agent with an id.
pub(super) async fn name_of(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT name FROM agents WHERE id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// The versions of all agents, and the documents above one version.
pub(super) async fn changes(
    connection: &mut PgConnection,
    since: u64,
) -> Result<AgentChanges, sqlx::Error> {
    let versions: Vec<(String, i64)> = sqlx::query_as("SELECT name, version FROM agents")
        .fetch_all(&mut *connection)
        .await?;
    let changed: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT id, name, yaml, allow_private FROM agents WHERE version > $1 ORDER BY name",
    )
    .bind(i64::try_from(since).unwrap_or(i64::MAX))
    .fetch_all(&mut *connection)
    .await?;
    Ok(AgentChanges {
        versions: versions
            .into_iter()
            .map(|(name, version)| (name, version.unsigned_abs()))
            .collect(),
        changed: changed
            .into_iter()
            .map(|(id, name, yaml, allowed)| {
                Ok(ChangedAgent {
                    id,
                    name,
                    yaml,
                    allow_private: origins(&allowed)?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()?,
    })
}

/// Adds an agent, or replaces its document. Recording the edit completes the row.
pub(super) async fn put(
    connection: &mut PgConnection,
    name: &str,
    yaml: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO agents (name, yaml, id, version, updated_at, updated_by)
         VALUES ($1, $2, $3, 0, 0, '')
         ON CONFLICT (name) DO UPDATE SET yaml = excluded.yaml",
    )
    .bind(name)
    .bind(yaml)
    .bind(agent_id())
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the private origins that an agent's own base URLs may have.
pub(super) async fn set_allow_private(
    connection: &mut PgConnection,
    name: &str,
    origins: &[String],
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE agents SET allow_private = $2 WHERE name = $1")
        .bind(name)
        .bind(serde_json::to_string(origins).expect("a list of strings is JSON"))
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives an agent another name.
pub(super) async fn rename(
    connection: &mut PgConnection,
    name: &str,
    new_name: &str,
) -> Result<(), sqlx::Error> {
    savepoint::begin(connection).await?;
    let renamed = sqlx::query("UPDATE agents SET name = $2 WHERE name = $1")
        .bind(name)
        .bind(new_name)
        .execute(&mut *connection)
        .await;
    savepoint::end(connection, renamed.map(drop)).await
}

/// Deletes an agent. The database deletes its tokens with it.
pub(super) async fn delete(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM agents WHERE name = $1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}
