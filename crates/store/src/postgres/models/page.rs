//! One page of the catalog.

use crate::models::{ModelMetadata, ModelsFilter, ModelsSort, Position, StoredModel};
use crate::outcomes::StoredCounts;
use crate::postgres::text::storable;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use std::collections::BTreeMap;
use waypost_routing::vocabulary::ModelState;

/// The models after a position, by owner, then by id, and how many match in all. The caller has
/// begun a transaction, so that both are of one moment.
pub(in crate::postgres) async fn page(
    connection: &mut PgConnection,
    filter: &ModelsFilter,
    after: Option<&Position>,
    limit: u32,
) -> Result<(Vec<StoredModel>, u64), sqlx::Error> {
    let mut count = QueryBuilder::<Postgres>::new("SELECT count(*) FROM models");
    push_filter(&mut count, filter);
    let total: i64 = count
        .build_query_scalar()
        .fetch_one(&mut *connection)
        .await?;

    let mut select = QueryBuilder::<Postgres>::new(
        "SELECT owner, id, name, context, input_price, output_price, mode, retires_on,
                enabled, absent, first_seen, last_seen
         FROM models",
    );
    push_filter(&mut select, filter);
    if let Some(Position(owner, id)) = after {
        select
            .push(" AND (owner, id) > (")
            .push_bind(storable(owner))
            .push(", ")
            .push_bind(storable(id))
            .push(")");
    }
    select
        .push(match filter.sort {
            ModelsSort::Ref => " ORDER BY owner, id",
            ModelsSort::Context => " ORDER BY context IS NULL, context DESC, owner, id",
            // Prices are decimals in texts; sorting needs no more than their order.
            ModelsSort::Price => {
                concat!(
                    " ORDER BY input_price IS NULL, CASE WHEN input_price ~ ",
                    "'^[0-9]{1,30}([.][0-9]{1,30})?([eE][-+]?[0-9]{1,2})?$' ",
                    "THEN input_price::numeric ELSE 0 END, owner, id"
                )
            }
            ModelsSort::Newest => " ORDER BY first_seen DESC, owner, id",
        })
        .push(" LIMIT ")
        .push_bind(i64::from(limit))
        .push(" OFFSET ")
        .push_bind(i64::try_from(filter.skip).unwrap_or(i64::MAX));
    let rows = select.build().fetch_all(&mut *connection).await?;
    let models = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok((models, total.unsigned_abs()))
}

/// How many of the matching models each owner has, by state.
pub(in crate::postgres) async fn counts_of(
    connection: &mut PgConnection,
    filter: &ModelsFilter,
) -> Result<BTreeMap<String, StoredCounts>, sqlx::Error> {
    let mut select = QueryBuilder::<Postgres>::new(
        "SELECT owner, count(*), count(*) FILTER (WHERE absent),
                count(*) FILTER (WHERE enabled AND NOT absent) FROM models",
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

fn push_filter(statement: &mut QueryBuilder<Postgres>, filter: &ModelsFilter) {
    statement
        .push(" WHERE owner = ANY (")
        .push_bind(filter.owners.clone())
        .push(")");
    statement.push(match filter.state {
        None => "",
        Some(ModelState::Enabled) => " AND enabled AND NOT absent",
        Some(ModelState::Disabled) => " AND NOT enabled AND NOT absent",
        Some(ModelState::Absent) => " AND absent",
    });
    if let Some((among, refs)) = &filter.among {
        let refs: Vec<String> = refs
            .iter()
            .map(|text| storable(text).into_owned())
            .collect();
        statement
            .push(if *among {
                " AND owner || '/' || id = ANY ("
            } else {
                " AND owner || '/' || id <> ALL ("
            })
            .push_bind(refs)
            .push(")");
    }
    for word in &filter.words {
        // Unlike LIKE, strpos knows no wildcards: `%` and `_` are themselves.
        statement
            .push(" AND strpos(search, ")
            .push_bind(storable(word).to_lowercase())
            .push(") > 0");
    }
}

fn read(row: &PgRow) -> Result<StoredModel, sqlx::Error> {
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
