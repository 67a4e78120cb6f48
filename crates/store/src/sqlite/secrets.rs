//! What may be said of stored secrets: never their values.

use crate::secrets::{SecretMeta, SecretRow};
use sqlx::SqliteConnection;
use std::collections::BTreeMap;

/// Every row, by name.
pub(super) async fn list(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<String, SecretRow>, sqlx::Error> {
    let rows: Vec<(String, String, Option<String>, i64, bool)> =
        sqlx::query_as("SELECT name, origin, hint, set_at, unsettled FROM secrets")
            .fetch_all(connection)
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
pub(super) async fn find(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<Option<SecretRow>, sqlx::Error> {
    let row: Option<(String, Option<String>, i64, bool)> =
        sqlx::query_as("SELECT origin, hint, set_at, unsettled FROM secrets WHERE name = ?1")
            .bind(name)
            .fetch_optional(connection)
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
pub(super) async fn begin_change(
    connection: &mut SqliteConnection,
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
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes what the backend holds now.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    name: &str,
    meta: &SecretMeta,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO secrets (name, origin, hint, set_at, unsettled) VALUES (?1, ?2, ?3, ?4, 0)
         ON CONFLICT (name) DO UPDATE
         SET origin = ?2, hint = ?3, set_at = ?4, unsettled = 0",
    )
    .bind(name)
    .bind(&meta.origin)
    .bind(&meta.hint)
    .bind(meta.set_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the backend holds nothing under this name.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM secrets WHERE name = ?1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}
