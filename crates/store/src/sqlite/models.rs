//! The models of the organisation's catalog, keyed by owner and id.

mod changes;
mod page;

pub(super) use changes::merge;
pub(super) use page::{counts_of, page};

use crate::outcomes::StoredCounts;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::collections::BTreeMap;
use waypost_routing::snapshot::ModelEntry;

/// Which models routing must know: those that are switched off or no longer listed, and those with
/// ids that `waypost_routing::model_id::must_be_known`.
const KNOWN: &str = "(enabled = 0 OR absent = 1 OR instr(id, '*') OR instr('/' || id || '/', '//')
     OR instr('/' || id || '/', '/ ') OR instr('/' || id || '/', ' /'))";

/// The models that routing must know.
pub(super) async fn entries(
    connection: &mut SqliteConnection,
) -> Result<Vec<ModelEntry>, sqlx::Error> {
    let mut select =
        QueryBuilder::<Sqlite>::new("SELECT owner, id, enabled, absent FROM models WHERE ");
    select.push(KNOWN).push(" ORDER BY owner, id");
    let rows: Vec<(String, String, bool, bool)> =
        select.build_query_as().fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(owner, id, enabled, absent)| ModelEntry {
            owner,
            id,
            enabled,
            absent,
        })
        .collect())
}

/// The models of one owner that routing must know.
pub(super) async fn entries_of(
    connection: &mut SqliteConnection,
    owner: &str,
) -> Result<Vec<ModelEntry>, sqlx::Error> {
    let mut select =
        QueryBuilder::<Sqlite>::new("SELECT id, enabled, absent FROM models WHERE owner = ");
    select
        .push_bind(owner)
        .push(" AND ")
        .push(KNOWN)
        .push(" ORDER BY id");
    let rows: Vec<(String, bool, bool)> = select.build_query_as().fetch_all(connection).await?;
    Ok(rows
        .into_iter()
        .map(|(id, enabled, absent)| ModelEntry {
            owner: owner.to_owned(),
            id,
            enabled,
            absent,
        })
        .collect())
}

/// The models that are listed and enabled, with when each was first seen.
pub(super) async fn all_enabled(
    connection: &mut SqliteConnection,
) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT owner, id, first_seen FROM models
         WHERE enabled = 1 AND absent = 0 ORDER BY owner, id",
    )
    .fetch_all(connection)
    .await
}

/// How many models each owner has. An owner without any is not in it.
pub(super) async fn counts(
    connection: &mut SqliteConnection,
) -> Result<BTreeMap<String, StoredCounts>, sqlx::Error> {
    let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT owner, count(*), sum(absent), sum(enabled = 1 AND absent = 0)
         FROM models GROUP BY owner",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(owner, total, absent, enabled)| {
            let counts = StoredCounts {
                enabled: enabled.unsigned_abs(),
                total: total.unsigned_abs(),
                absent: absent.unsigned_abs(),
            };
            (owner, counts)
        })
        .collect())
}

/// Whether a model of the catalog is switched on; `None` where the catalog does not know it.
pub(super) async fn enabled(
    connection: &mut SqliteConnection,
    owner: &str,
    id: &str,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar("SELECT enabled FROM models WHERE owner = ?1 AND id = ?2")
        .bind(owner)
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// The first of the given owners and ids that the catalog does not know.
pub(super) async fn first_unknown(
    connection: &mut SqliteConnection,
    models: &[(&str, &str)],
) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT value ->> 0, value ->> 1 FROM json_each(?1) AS asked
         WHERE NOT EXISTS (
             SELECT 1 FROM models WHERE owner = asked.value ->> 0 AND id = asked.value ->> 1)
         ORDER BY key LIMIT 1",
    )
    .bind(pairs_json(models))
    .fetch_optional(&mut *connection)
    .await
}

/// Switches models on or off; returns the owners and ids of those that were not so before.
pub(super) async fn set_enabled(
    connection: &mut SqliteConnection,
    models: &[(&str, &str)],
    enabled: bool,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE models SET enabled = ?2 WHERE enabled <> ?2
         AND (owner, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
         RETURNING owner, id",
    )
    .bind(pairs_json(models))
    .bind(enabled)
    .fetch_all(&mut *connection)
    .await
}

fn pairs_json(models: &[(&str, &str)]) -> String {
    serde_json::to_string(models).expect("strings are JSON")
}

/// Deletes every model of an owner that is no more.
pub(super) async fn delete_owner(
    connection: &mut SqliteConnection,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM models WHERE owner = ?1")
        .bind(owner)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
