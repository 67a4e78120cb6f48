//! Sign-in links.

use crate::sessions::LinkRow;
use crate::token_hash::TokenHash;
use sqlx::SqliteConnection;
use waypost_routing::vocabulary::Role;

/// Adds a link and deletes those that have expired.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    link: &LinkRow,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sign_in_links WHERE expires_at <= ?1")
        .bind(link.created_at)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO sign_in_links (token_hash, role, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4)",
    )
    .bind(link.hash.as_slice())
    .bind(link.role.name())
    .bind(link.created_at)
    .bind(link.expires_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a link can be used now.
pub(super) async fn is_valid(
    connection: &mut SqliteConnection,
    link: &TokenHash,
    now: i64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sign_in_links WHERE token_hash = ?1 AND expires_at > ?2)",
    )
    .bind(link.as_slice())
    .bind(now)
    .fetch_one(connection)
    .await
}

/// Uses a link up. One statement both checks and deletes it.
pub(super) async fn redeem(
    connection: &mut SqliteConnection,
    link: &TokenHash,
    now: i64,
) -> Result<Option<Role>, sqlx::Error> {
    let role: Option<String> = sqlx::query_scalar(
        "DELETE FROM sign_in_links WHERE token_hash = ?1 AND expires_at > ?2 RETURNING role",
    )
    .bind(link.as_slice())
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(role.as_deref().and_then(Role::from_name))
}

/// Deletes every link.
pub(super) async fn clear(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sign_in_links")
        .execute(connection)
        .await?;
    Ok(())
}
