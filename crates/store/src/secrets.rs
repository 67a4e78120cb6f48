//! What may be said of stored secrets: never their values.

use sqlx::SqlitePool;
use std::collections::BTreeMap;

/// What may be said of a stored secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMeta {
    /// The origin it was entered for, and the only one it is given out for.
    pub origin: String,
    /// The last four characters, where it is long enough to show them.
    pub hint: Option<String>,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
}

/// A row of the table.
pub struct SecretRow {
    /// What may be said of it.
    pub meta: SecretMeta,
    /// A change of its value was begun and its end was not seen.
    pub unsettled: bool,
}

/// Every row, by name.
///
/// # Errors
/// Fails if the database does.
pub async fn list(pool: &SqlitePool) -> Result<BTreeMap<String, SecretRow>, sqlx::Error> {
    let rows: Vec<(String, String, Option<String>, i64, bool)> =
        sqlx::query_as("SELECT name, origin, hint, set_at, unsettled FROM secrets")
            .fetch_all(pool)
            .await?;
    Ok(rows
        .into_iter()
        .map(|(name, origin, hint, set_at, unsettled)| {
            let meta = SecretMeta {
                origin,
                hint,
                set_at,
            };
            (name, SecretRow { meta, unsettled })
        })
        .collect())
}

/// One row.
///
/// # Errors
/// Fails if the database does.
pub async fn find(pool: &SqlitePool, name: &str) -> Result<Option<SecretRow>, sqlx::Error> {
    let row: Option<(String, Option<String>, i64, bool)> =
        sqlx::query_as("SELECT origin, hint, set_at, unsettled FROM secrets WHERE name = ?1")
            .bind(name)
            .fetch_optional(pool)
            .await?;
    Ok(row.map(|(origin, hint, set_at, unsettled)| SecretRow {
        meta: SecretMeta {
            origin,
            hint,
            set_at,
        },
        unsettled,
    }))
}

/// Notes that the backend is about to be asked to change a value. What was said of the value
/// before stays, because the change may fail.
///
/// # Errors
/// Fails if the database does.
pub async fn begin_change(
    pool: &SqlitePool,
    name: &str,
    origin: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO secrets (name, origin, hint, set_at, unsettled) VALUES (?1, ?2, NULL, ?3, 1)
         ON CONFLICT (name) DO UPDATE SET unsettled = 1",
    )
    .bind(name)
    .bind(origin)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes what the backend holds now.
///
/// # Errors
/// Fails if the database does.
pub async fn settle(pool: &SqlitePool, name: &str, meta: &SecretMeta) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO secrets (name, origin, hint, set_at, unsettled) VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT (name) DO UPDATE
         SET origin = ?2, hint = ?3, set_at = ?4, unsettled = 0",
    )
    .bind(name)
    .bind(&meta.origin)
    .bind(&meta.hint)
    .bind(meta.set_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that the backend holds nothing under this name.
///
/// # Errors
/// Fails if the database does.
pub async fn forget(pool: &SqlitePool, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM secrets WHERE name = ?1")
        .bind(name)
        .execute(pool)
        .await?;
    Ok(())
}
