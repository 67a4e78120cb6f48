//! One page of the catalog.

use crate::models::{ModelMetadata, ModelsFilter, ModelsSort, Position, StoredModel};
use crate::outcomes::StoredCounts;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use std::collections::BTreeMap;
use waypost_routing::vocabulary::ModelState;

/// The models after a position, by owner, then by id, and how many match in all. The caller has
/// begun a transaction, so that both are of one moment.
pub(in crate::sqlite) async fn page(
    connection: &mut SqliteConnection,
    filter: &ModelsFilter,
    after: Option<&Position>,
    limit: u32,
) -> Result<(Vec<StoredModel>, u64), sqlx::Error> {
    let mut count = QueryBuilder::<Sqlite>::new("SELECT count(*) FROM models");
    push_filter(&mut count, filter);
    let total: i64 = count
        .build_query_scalar()
        .fetch_one(&mut *connection)
        .await?;

    let mut select = QueryBuilder::<Sqlite>::new(
        "SELECT owner, id, name, context, input_price, output_price, mode, retires_on,
                enabled, absent, first_seen, last_seen
         FROM models",
    );
    push_filter(&mut select, filter);
    if let Some(Position(owner, id)) = after {
        select
            .push(" AND (owner, id) > (")
            .push_bind(owner)
            .push(", ")
            .push_bind(id)
            .push(")");
    }
    select
        .push(match filter.sort {
            ModelsSort::Ref => " ORDER BY owner, id",
            ModelsSort::Context => " ORDER BY context IS NULL, context DESC, owner, id",
            // Prices are decimals in texts; sorting needs no more than their order.
            ModelsSort::Price => {
                " ORDER BY input_price IS NULL, CAST(input_price AS REAL), owner, id"
            }
            ModelsSort::Newest => " ORDER BY first_seen DESC, owner, id",
        })
        .push(" LIMIT ")
        .push_bind(limit)
        .push(" OFFSET ")
        .push_bind(i64::try_from(filter.skip).unwrap_or(i64::MAX));
    let rows = select.build().fetch_all(&mut *connection).await?;
    let models = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok((models, total.unsigned_abs()))
}

/// How many of the matching models each owner has, by state.
pub(in crate::sqlite) async fn counts_of(
    connection: &mut SqliteConnection,
    filter: &ModelsFilter,
) -> Result<BTreeMap<String, StoredCounts>, sqlx::Error> {
    let mut select = QueryBuilder::<Sqlite>::new(
        "SELECT owner, count(*), sum(absent), sum(enabled = 1 AND absent = 0) FROM models",
    );
    push_filter(&mut select, filter);
    select.push(" GROUP BY owner");
    let rows: Vec<(String, i64, i64, i64)> = select.build_query_as().fetch_all(connection).await?;
    let counts = rows.into_iter().map(|(owner, total, absent, enabled)| {
        let counts = StoredCounts {
            enabled: enabled.unsigned_abs(),
            total: total.unsigned_abs(),
            absent: absent.unsigned_abs(),
        };
        (owner, counts)
    });
    Ok(counts.collect())
}

fn push_filter(statement: &mut QueryBuilder<Sqlite>, filter: &ModelsFilter) {
    let owners = serde_json::to_string(&filter.owners).expect("strings are JSON");
    statement
        .push(" WHERE owner IN (SELECT value FROM json_each(")
        .push_bind(owners)
        .push("))");
    statement.push(match filter.state {
        None => "",
        Some(ModelState::Enabled) => " AND enabled = 1 AND absent = 0",
        Some(ModelState::Disabled) => " AND enabled = 0 AND absent = 0",
        Some(ModelState::Absent) => " AND absent = 1",
    });
    if let Some((among, refs)) = &filter.among {
        let refs = serde_json::to_string(refs).expect("strings are JSON");
        statement
            .push(if *among {
                " AND owner || '/' || id IN (SELECT value FROM json_each("
            } else {
                " AND owner || '/' || id NOT IN (SELECT value FROM json_each("
            })
            .push_bind(refs)
            .push("))");
    }
    for word in &filter.words {
        // Unlike LIKE, instr knows no wildcards: `%` and `_` are themselves.
        statement
            .push(" AND instr(search, ")
            .push_bind(word.to_lowercase())
            .push(") > 0");
    }
}

fn read(row: &SqliteRow) -> Result<StoredModel, sqlx::Error> {
    let context: Option<i64> = row.try_get("context")?;
    Ok(StoredModel {
        owner: row.try_get("owner")?,
        id: row.try_get("id")?,
        metadata: ModelMetadata {
            name: row.try_get("name")?,
            context: context.and_then(|tokens| u64::try_from(tokens).ok()),
            input_price: row.try_get("input_price")?,
            output_price: row.try_get("output_price")?,
            mode: row.try_get("mode")?,
            retires_on: row.try_get("retires_on")?,
        },
        enabled: row.try_get("enabled")?,
        absent: row.try_get("absent")?,
        first_seen: row.try_get("first_seen")?,
        last_seen: row.try_get("last_seen")?,
    })
}
