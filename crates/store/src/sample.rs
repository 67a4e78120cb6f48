//! Whether the sample workspace is installed, and the digest of its endpoint's key.

use crate::clock;
use crate::random::TokenHash;
use sqlx::{Sqlite, SqlitePool, Transaction};

/// The digest of the key; `None` where the sample is not installed.
///
/// # Errors
/// Whatever the database says.
pub async fn key_hash(pool: &SqlitePool) -> Result<Option<TokenHash>, sqlx::Error> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT key_hash FROM sample")
        .fetch_optional(pool)
        .await?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// Records that the sample is installed, with its key's digest.
///
/// # Errors
/// Whatever the database says.
pub async fn set(
    transaction: &mut Transaction<'_, Sqlite>,
    hash: &TokenHash,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sample (id, key_hash, installed_at) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET key_hash = ?1, installed_at = ?2",
    )
    .bind(hash.as_slice())
    .bind(clock::now())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Records that the sample is not installed.
///
/// # Errors
/// Whatever the database says.
pub async fn clear(transaction: &mut Transaction<'_, Sqlite>) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sample")
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
