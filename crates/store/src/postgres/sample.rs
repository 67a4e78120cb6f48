//! Whether the sample workspace is installed, and the digest of its endpoint's key.

use crate::token_hash::TokenHash;
use sqlx::PgConnection;

/// The digest of the key; `None` where the sample is not installed.
pub(super) async fn key_hash(
    connection: &mut PgConnection,
) -> Result<Option<TokenHash>, sqlx::Error> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT key_hash FROM sample")
        .fetch_optional(connection)
        .await?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// Records that the sample is installed, with its key's digest.
pub(super) async fn set(
    connection: &mut PgConnection,
    hash: &TokenHash,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sample (id, key_hash, installed_at) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET key_hash = $1, installed_at = $2",
    )
    .bind(hash.as_slice())
    .bind(now)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Records that the sample is not installed.
pub(super) async fn clear(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sample")
        .execute(&mut *connection)
        .await?;
    Ok(())
}
