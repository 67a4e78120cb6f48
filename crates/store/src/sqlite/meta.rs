//! What the workspace is: its random id, and which secrets backend it was begun with.

use sqlx::SqliteConnection;
use waypost_routing::vocabulary::SecretsBackendKind;

/// The workspace's id, made at random at the first call.
pub(super) async fn workspace_id(
    connection: &mut SqliteConnection,
    new_id: &str,
    now: i64,
) -> Result<String, sqlx::Error> {
    // Of two first starts at once, one wins and both read the same id.
    sqlx::query("INSERT INTO workspace (id, workspace_id, created_at) VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING")
        .bind(new_id)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    sqlx::query_scalar("SELECT workspace_id FROM workspace WHERE id = 1")
        .fetch_one(connection)
        .await
}

/// The secrets backend that the first start chose; `None` before it has.
pub(super) async fn secrets_backend(
    connection: &mut SqliteConnection,
) -> Result<Option<SecretsBackendKind>, sqlx::Error> {
    let name: Option<Option<String>> =
        sqlx::query_scalar("SELECT secrets_backend FROM workspace WHERE id = 1")
            .fetch_optional(connection)
            .await?;
    Ok(name
        .flatten()
        .as_deref()
        .and_then(SecretsBackendKind::from_name))
}

/// Records the secrets backend. [`workspace_id`] must have been asked before.
pub(super) async fn record_secrets_backend(
    connection: &mut SqliteConnection,
    backend: SecretsBackendKind,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspace SET secrets_backend = ?1 WHERE id = 1")
        .bind(backend.name())
        .execute(connection)
        .await?;
    Ok(())
}

/// Where the last start served the dashboard; `None` before the first one.
pub(super) async fn dashboard_url(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, sqlx::Error> {
    let url: Option<Option<String>> =
        sqlx::query_scalar("SELECT dashboard_url FROM workspace WHERE id = 1")
            .fetch_optional(connection)
            .await?;
    Ok(url.flatten())
}

/// Records where the dashboard is served. [`workspace_id`] must have been asked before.
pub(super) async fn record_dashboard_url(
    connection: &mut SqliteConnection,
    url: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspace SET dashboard_url = ?1 WHERE id = 1")
        .bind(url)
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a page that was not there and removes it again.
pub(super) async fn probe_write(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO write_probe (id, filler) VALUES (1, zeroblob(8192))")
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM write_probe")
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the last start accepts sign-in links. True before the first one.
pub(super) async fn sign_in_links(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let accepted: Option<i64> =
        sqlx::query_scalar("SELECT sign_in_links FROM workspace WHERE id = 1")
            .fetch_optional(connection)
            .await?;
    Ok(accepted != Some(0))
}

/// Records whether sign-in links are accepted. [`workspace_id`] must have been asked before.
pub(super) async fn record_sign_in_links(
    connection: &mut SqliteConnection,
    accepted: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE workspace SET sign_in_links = ?1 WHERE id = 1")
        .bind(i64::from(accepted))
        .execute(connection)
        .await?;
    Ok(())
}
