//! The models of the organisation's catalog, keyed by owner and id.

mod changes;
mod page;

pub(super) use changes::merge;
pub(super) use page::{counts_of, page};

use super::text::storable;
use crate::outcomes::StoredCounts;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use std::borrow::Cow;
use std::collections::BTreeMap;
use waypost_routing::snapshot::ModelEntry;

/// Which models routing must know: those that are switched off or no longer listed, and those with
/// ids that `waypost_routing::model_id::must_be_known`.
const KNOWN: &str = "(NOT enabled OR absent OR strpos(id, '*') > 0
     OR strpos('/' || id || '/', '//') > 0 OR strpos('/' || id || '/', '/ ') > 0
     OR strpos('/' || id || '/', ' /') > 0)";

/// The models that routing must know.
pub(super) async fn entries(connection: &mut PgConnection) -> Result<Vec<ModelEntry>, sqlx::Error> {
    let mut select =
        QueryBuilder::<Postgres>::new("SELECT owner, id, enabled, absent FROM models WHERE ");
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
    connection: &mut PgConnection,
    owner: &str,
) -> Result<Vec<ModelEntry>, sqlx::Error> {
    let mut select =
        QueryBuilder::<Postgres>::new("SELECT id, enabled, absent FROM models WHERE owner = ");
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
    connection: &mut PgConnection,
) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT owner, id, first_seen FROM models
         WHERE enabled AND NOT absent ORDER BY owner, id",
    )
    .fetch_all(connection)
    .await
}

/// How many models each owner has. An owner without any is not in it.
pub(super) async fn counts(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, StoredCounts>, sqlx::Error> {
    let rows: Vec<(String, i64, i64, i64)> = sqlx::query_as(
        "SELECT owner, count(*), count(*) FILTER (WHERE absent),
                count(*) FILTER (WHERE enabled AND NOT absent)
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
    connection: &mut PgConnection,
    owner: &str,
    id: &str,
) -> Result<Option<bool>, sqlx::Error> {
    sqlx::query_scalar("SELECT enabled FROM models WHERE owner = $1 AND id = $2")
        .bind(storable(owner))
        .bind(storable(id))
        .fetch_optional(connection)
        .await
}

/// The first of the given owners and ids that the catalog does not know.
pub(super) async fn first_unknown(
    connection: &mut PgConnection,
    models: &[(&str, &str)],
) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT asked.owner, asked.id
         FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (owner, id, place)
         WHERE NOT EXISTS (
             SELECT 1 FROM models WHERE models.owner = asked.owner AND models.id = asked.id)
         ORDER BY place LIMIT 1",
    )
    .bind(owners(models))
    .bind(ids(models))
    .fetch_optional(&mut *connection)
    .await
}

/// Switches models on or off; returns the owners and ids of those that were not so before.
pub(super) async fn set_enabled(
    connection: &mut PgConnection,
    models: &[(&str, &str)],
    enabled: bool,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE models SET enabled = $3 WHERE enabled <> $3
         AND (owner, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
         RETURNING owner, id",
    )
    .bind(owners(models))
    .bind(ids(models))
    .bind(enabled)
    .fetch_all(&mut *connection)
    .await
}

fn owners(models: &[(&str, &str)]) -> Vec<String> {
    let owners = models.iter().map(|(owner, _)| storable(owner));
    owners.map(Cow::into_owned).collect()
}

fn ids(models: &[(&str, &str)]) -> Vec<String> {
    let ids = models.iter().map(|(_, id)| storable(id));
    ids.map(Cow::into_owned).collect()
}

/// Deletes every model of an owner that is no more.
pub(super) async fn delete_owner(
    connection: &mut PgConnection,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM models WHERE owner = $1")
        .bind(owner)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
