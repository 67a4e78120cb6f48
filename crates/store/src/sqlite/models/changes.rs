//! What a refresh does to an owner's models: nothing is deleted, and what was switched off stays
//! off.

use crate::models::{Merged, ModelMetadata};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};

/// SQLite takes 32,766 parameters in one statement; a row has twelve.
const ROWS_AT_ONCE: usize = 2_000;

/// Brings an owner's models up to what its endpoint lists now.
///
/// `new_enabled` says what becomes of new ones; those that are there keep what they have.
pub(in crate::sqlite) async fn merge(
    connection: &mut SqliteConnection,
    owner: &str,
    listed: &BTreeMap<String, ModelMetadata>,
    new_enabled: bool,
    now: i64,
) -> Result<Merged, sqlx::Error> {
    let known = known(connection, owner).await?;
    let mut merged = Merged::default();
    let mut written: Vec<(&String, &ModelMetadata)> = Vec::new();
    for (id, metadata) in listed {
        let into = match known.get(id) {
            None => &mut merged.added,
            Some((before, false)) if before == metadata => {
                merged.unchanged.push(id.clone());
                continue;
            }
            Some((_, true)) => &mut merged.listed_again,
            Some((_, false)) => &mut merged.changed,
        };
        into.push(id.clone());
        written.push((id, metadata));
    }
    let listed_ids: BTreeSet<&String> = listed.keys().collect();
    merged.removed = known
        .iter()
        .filter(|(id, (_, absent))| !absent && !listed_ids.contains(id))
        .map(|(id, _)| id.clone())
        .collect();

    for rows in written.chunks(ROWS_AT_ONCE) {
        write(connection, owner, rows, new_enabled, now).await?;
    }
    sqlx::query(
        "UPDATE models SET absent = 1
         WHERE owner = ?1 AND id IN (SELECT value FROM json_each(?2))",
    )
    .bind(owner)
    .bind(serde_json::to_string(&merged.removed).expect("strings are JSON"))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE models SET last_seen = ?2 WHERE owner = ?1 AND absent = 0")
        .bind(owner)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    Ok(merged)
}

type KnownRow = (
    String,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    bool,
);

async fn known(
    connection: &mut SqliteConnection,
    owner: &str,
) -> Result<BTreeMap<String, (ModelMetadata, bool)>, sqlx::Error> {
    let rows: Vec<KnownRow> = sqlx::query_as(
        "SELECT id, name, context, input_price, output_price, mode, retires_on, absent
         FROM models WHERE owner = ?1",
    )
    .bind(owner)
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(
            |(id, name, context, input_price, output_price, mode, retires_on, absent)| {
                let metadata = ModelMetadata {
                    name,
                    context: context.and_then(|tokens| u64::try_from(tokens).ok()),
                    input_price,
                    output_price,
                    mode,
                    retires_on,
                };
                (id, (metadata, absent))
            },
        )
        .collect())
}

async fn write(
    connection: &mut SqliteConnection,
    owner: &str,
    rows: &[(&String, &ModelMetadata)],
    new_enabled: bool,
    now: i64,
) -> Result<(), sqlx::Error> {
    let mut statement = QueryBuilder::<Sqlite>::new(
        "INSERT INTO models (owner, id, name, context, input_price, output_price, mode, retires_on,
                             search, enabled, first_seen, last_seen, absent) ",
    );
    statement.push_values(rows, |mut row, (id, metadata)| {
        row.push_bind(owner.to_owned())
            .push_bind((*id).clone())
            .push_bind(metadata.name.clone())
            .push_bind(
                metadata
                    .context
                    .and_then(|tokens| i64::try_from(tokens).ok()),
            )
            .push_bind(metadata.input_price.clone())
            .push_bind(metadata.output_price.clone())
            .push_bind(metadata.mode.clone())
            .push_bind(metadata.retires_on.clone())
            .push_bind(searchable(owner, id, metadata.name.as_deref()))
            .push_bind(new_enabled)
            .push_bind(now)
            .push_bind(now)
            .push("0");
    });
    // `enabled` is not among what is overwritten: what an administrator chose stays.
    statement.push(
        " ON CONFLICT (owner, id) DO UPDATE SET
              name = excluded.name, context = excluded.context,
              input_price = excluded.input_price, output_price = excluded.output_price,
              mode = excluded.mode, retires_on = excluded.retires_on,
              search = excluded.search, absent = 0",
    );
    statement.build().execute(&mut *connection).await?;
    Ok(())
}

/// The text that a search looks in.
fn searchable(owner: &str, id: &str, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    format!("{owner}/{id}\n{name}").to_lowercase()
}
