//! The providers that were added in the dashboard: the workspace layer of the catalog.

use crate::clock;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteExecutor, Transaction};
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};

/// A provider of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredProvider {
    /// The entry, of layer `workspace`.
    pub entry: ProviderEntry,
    /// Whether its origin may be called although it is private.
    pub allow_private: bool,
}

/// All of them, by name.
///
/// # Errors
/// Whatever the database says.
pub async fn list(executor: impl SqliteExecutor<'_>) -> Result<Vec<StoredProvider>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT name, kind, base_url, api_key_env, default_headers, docs, allow_private
         FROM providers ORDER BY name",
    )
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<StoredProvider, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let headers: String = row.try_get("default_headers")?;
    Ok(StoredProvider {
        entry: ProviderEntry {
            name: row.try_get("name")?,
            kind: if kind == ProviderKind::Gateway.name() {
                ProviderKind::Gateway
            } else {
                ProviderKind::OpenaiCompatible
            },
            layer: Layer::Workspace,
            base_url: row.try_get("base_url")?,
            api_key_env: row.try_get("api_key_env")?,
            default_headers: serde_json::from_str(&headers)
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            docs: row.try_get("docs")?,
            notable_models: Vec::new(),
        },
        allow_private: row.try_get("allow_private")?,
    })
}

/// Adds one, or puts it in the place of the one of its name.
///
/// # Errors
/// Whatever the database says.
pub async fn put(
    transaction: &mut Transaction<'_, Sqlite>,
    provider: &StoredProvider,
) -> Result<(), sqlx::Error> {
    let entry = &provider.entry;
    let headers = serde_json::to_string(&entry.default_headers).expect("strings are JSON");
    sqlx::query(
        "INSERT INTO providers
             (name, kind, base_url, api_key_env, default_headers, docs, allow_private, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
         ON CONFLICT (name) DO UPDATE SET
             kind = excluded.kind, base_url = excluded.base_url, api_key_env = excluded.api_key_env,
             default_headers = excluded.default_headers, docs = excluded.docs,
             allow_private = excluded.allow_private, updated_at = excluded.updated_at",
    )
    .bind(&entry.name)
    .bind(entry.kind.name())
    .bind(&entry.base_url)
    .bind(&entry.api_key_env)
    .bind(headers)
    .bind(&entry.docs)
    .bind(provider.allow_private)
    .bind(clock::now())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Deletes one.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM providers WHERE name = ?1")
        .bind(name)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
