//! The models of the organisation's catalog, keyed by owner and id.

mod merge;
mod page;

pub use merge::{Merged, ModelMetadata, merge};
pub use page::{ModelsFilter, Position, page};

use sqlx::{Sqlite, SqliteExecutor, Transaction};
use std::collections::BTreeMap;
use waypost_api_types::ModelCounts;
use waypost_routing::snapshot::ModelFact;

/// The models that are switched off or no longer listed.
///
/// # Errors
/// Whatever the database says.
pub async fn facts(executor: impl SqliteExecutor<'_>) -> Result<Vec<ModelFact>, sqlx::Error> {
    let rows: Vec<(String, String, bool, bool)> = sqlx::query_as(
        "SELECT owner, id, enabled, absent FROM models
         WHERE enabled = 0 OR absent = 1 ORDER BY owner, id",
    )
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(owner, id, enabled, absent)| ModelFact {
            owner,
            id,
            enabled,
            absent,
        })
        .collect())
}

/// How many models each owner has. An owner without any is not in it.
///
/// # Errors
/// Whatever the database says.
pub async fn counts(
    executor: impl SqliteExecutor<'_>,
) -> Result<BTreeMap<String, ModelCounts>, sqlx::Error> {
    let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT owner, count(*), sum(absent), sum(enabled = 1 AND absent = 0)
         FROM models GROUP BY owner",
    )
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(owner, total, absent, enabled)| {
            let counts = ModelCounts {
                enabled: enabled.unsigned_abs(),
                total: total.unsigned_abs(),
                absent: absent.unsigned_abs(),
            };
            (owner, counts)
        })
        .collect())
}

/// Whether a model of the catalog is switched on; `None` where the catalog does not know it.
///
/// # Errors
/// Whatever the database says.
pub async fn enabled(
    executor: impl SqliteExecutor<'_>,
    owner: &str,
    id: &str,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar("SELECT enabled FROM models WHERE owner = ?1 AND id = ?2")
        .bind(owner)
        .bind(id)
        .fetch_optional(executor)
        .await
}

/// The first of the given owners and ids that the catalog does not know.
///
/// # Errors
/// Whatever the database says.
pub async fn first_unknown(
    transaction: &mut Transaction<'_, Sqlite>,
    models: &[(&str, &str)],
) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT value ->> 0, value ->> 1 FROM json_each(?1) AS asked
         WHERE NOT EXISTS (
             SELECT 1 FROM models WHERE owner = asked.value ->> 0 AND id = asked.value ->> 1)
         ORDER BY key LIMIT 1",
    )
    .bind(pairs_json(models))
    .fetch_optional(&mut **transaction)
    .await
}

/// Switches models on or off; says how many were not so before.
///
/// # Errors
/// Whatever the database says.
pub async fn set_enabled(
    transaction: &mut Transaction<'_, Sqlite>,
    models: &[(&str, &str)],
    enabled: bool,
) -> Result<u64, sqlx::Error> {
    let result = sqlx::query(
        "UPDATE models SET enabled = ?2 WHERE enabled <> ?2
         AND (owner, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
    )
    .bind(pairs_json(models))
    .bind(enabled)
    .execute(&mut **transaction)
    .await?;
    Ok(result.rows_affected())
}

fn pairs_json(models: &[(&str, &str)]) -> String {
    serde_json::to_string(models).expect("strings are JSON")
}

/// Deletes every model of an owner that is no more.
///
/// # Errors
/// Whatever the database says.
pub async fn delete_owner(
    transaction: &mut Transaction<'_, Sqlite>,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM models WHERE owner = ?1")
        .bind(owner)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
