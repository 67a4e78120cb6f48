//! The providers that were added in the dashboard: the workspace layer of the catalog.

use crate::configuration::StoredProvider;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};

/// All of them, by name.
pub(super) async fn list(
    connection: &mut PgConnection,
) -> Result<Vec<StoredProvider>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, name, kind, base_url, api_key_env, default_headers, pass_headers, limits, docs,
                allow_private
         FROM providers ORDER BY name",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<StoredProvider, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    let headers: String = row.try_get("default_headers")?;
    let limits: String = row.try_get("limits")?;
    let passed: String = row.try_get("pass_headers")?;
    Ok(StoredProvider {
        id: row.try_get("id")?,
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
            limits: serde_json::from_str(&limits)
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            pass_headers: serde_json::from_str(&passed)
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            docs: row.try_get("docs")?,
            notable_models: Vec::new(),
        },
        allow_private: row.try_get("allow_private")?,
    })
}

/// Adds a provider under a new number.
pub(super) async fn insert(
    connection: &mut PgConnection,
    id: i64,
    provider: &StoredProvider,
    now: i64,
) -> Result<(), sqlx::Error> {
    let entry = &provider.entry;
    sqlx::query(
        "INSERT INTO providers
             (id, name, kind, base_url, api_key_env, default_headers, docs, allow_private,
              created_at, updated_at, pass_headers, limits)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)",
    )
    .bind(id)
    .bind(&entry.name)
    .bind(entry.kind.name())
    .bind(&entry.base_url)
    .bind(&entry.api_key_env)
    .bind(headers_json(provider))
    .bind(&entry.docs)
    .bind(provider.allow_private)
    .bind(now)
    .bind(passed_json(provider))
    .bind(limits_json(provider))
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes every field of a provider that can change.
pub(super) async fn update(
    connection: &mut PgConnection,
    provider: &StoredProvider,
    now: i64,
) -> Result<(), sqlx::Error> {
    let entry = &provider.entry;
    sqlx::query(
        "UPDATE providers SET kind = $2, base_url = $3, api_key_env = $4, default_headers = $5,
             docs = $6, allow_private = $7, updated_at = $8, pass_headers = $9,
             limits = $10
         WHERE name = $1",
    )
    .bind(&entry.name)
    .bind(entry.kind.name())
    .bind(&entry.base_url)
    .bind(&entry.api_key_env)
    .bind(headers_json(provider))
    .bind(&entry.docs)
    .bind(provider.allow_private)
    .bind(now)
    .bind(passed_json(provider))
    .bind(limits_json(provider))
    .execute(connection)
    .await?;
    Ok(())
}

fn limits_json(provider: &StoredProvider) -> String {
    serde_json::to_string(&provider.entry.limits).expect("numbers are JSON")
}

fn passed_json(provider: &StoredProvider) -> String {
    serde_json::to_string(&provider.entry.pass_headers).expect("strings are JSON")
}

fn headers_json(provider: &StoredProvider) -> String {
    serde_json::to_string(&provider.entry.default_headers).expect("strings are JSON")
}

/// Deletes one.
pub(super) async fn delete(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM providers WHERE name = $1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
