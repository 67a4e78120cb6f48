//! What the workspace is: its random id, and which secrets backend it was begun with.

use crate::{clock, random};
use sqlx::SqlitePool;
use waypost_api_types::SecretsBackend;

/// The workspace's id, made at random at the first call.
///
/// # Errors
/// Whatever the database says.
pub async fn workspace_id(pool: &SqlitePool) -> Result<String, sqlx::Error> {
    // Of two first starts at once, one wins and both read the same id.
    sqlx::query("INSERT INTO workspace (id, workspace_id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING")
        .bind(random::public_id())
        .bind(clock::now())
        .execute(pool)
        .await?;
    sqlx::query_scalar("SELECT workspace_id FROM workspace WHERE id = 1")
        .fetch_one(pool)
        .await
}

/// The secrets backend that the first start chose; `None` before it has.
///
/// # Errors
/// Whatever the database says.
pub async fn secrets_backend(pool: &SqlitePool) -> Result<Option<SecretsBackend>, sqlx::Error> {
    let name: Option<Option<String>> =
        sqlx::query_scalar("SELECT secrets_backend FROM workspace WHERE id = 1")
            .fetch_optional(pool)
            .await?;
    Ok(match name.flatten().as_deref() {
        Some("keychain") => Some(SecretsBackend::Keychain),
        Some("file") => Some(SecretsBackend::File),
        _ => None,
    })
}

/// Records the secrets backend. [`workspace_id`] must have been asked before.
///
/// # Errors
/// Whatever the database says.
pub async fn record_secrets_backend(
    pool: &SqlitePool,
    backend: SecretsBackend,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspace SET secrets_backend = ?1 WHERE id = 1")
        .bind(backend.name())
        .execute(pool)
        .await?;
    Ok(())
}

/// Where the last start served the dashboard; `None` before the first one.
///
/// # Errors
/// Whatever the database says.
pub async fn dashboard_url(pool: &SqlitePool) -> Result<Option<String>, sqlx::Error> {
    let url: Option<Option<String>> =
        sqlx::query_scalar("SELECT dashboard_url FROM workspace WHERE id = 1")
            .fetch_optional(pool)
            .await?;
    Ok(url.flatten())
}

/// Records where the dashboard is served. [`workspace_id`] must have been asked before.
///
/// # Errors
/// Whatever the database says.
pub async fn record_dashboard_url(pool: &SqlitePool, url: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspace SET dashboard_url = ?1 WHERE id = 1")
        .bind(url)
        .execute(pool)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_id_stays_and_differs_between_workspaces() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let pool = crate::open(one.path()).await.unwrap();
        let id = workspace_id(&pool).await.unwrap();
        assert_eq!(workspace_id(&pool).await.unwrap(), id);
        let pool = crate::open(other.path()).await.unwrap();
        assert_ne!(workspace_id(&pool).await.unwrap(), id);
    }

    #[tokio::test]
    async fn the_dashboards_address_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        assert_eq!(dashboard_url(&pool).await.unwrap(), None);
        workspace_id(&pool).await.unwrap();
        record_dashboard_url(&pool, "http://127.0.0.1:8700")
            .await
            .unwrap();
        assert_eq!(
            dashboard_url(&pool).await.unwrap().as_deref(),
            Some("http://127.0.0.1:8700")
        );
    }

    #[tokio::test]
    async fn the_backend_is_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        workspace_id(&pool).await.unwrap();
        assert_eq!(secrets_backend(&pool).await.unwrap(), None);
        record_secrets_backend(&pool, SecretsBackend::File)
            .await
            .unwrap();
        assert_eq!(
            secrets_backend(&pool).await.unwrap(),
            Some(SecretsBackend::File)
        );
    }
}
