//! Reading records.

use super::row::{COLUMNS, read};
use crate::postgres::text::storable;
use crate::request_log::{LogFilter, LogPage, RequestId, StoredRecord};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder, Row as _};
use waypost_routing::resolution::RouteKind;
use waypost_routing::vocabulary::RequestOutcome;

/// How many records a search looks at before it answers.
pub(super) const SEARCHED: i64 = 100_000;

/// The columns that words are searched in, beside the id.
const TEXTS: [&str; 8] = [
    "agent",
    "subagent",
    "model",
    "provider",
    "origin",
    "wire_model",
    "code",
    "fallback",
];

/// One page, newest first, in the caller's transaction. A search looks at so many records.
pub(super) async fn page(
    connection: &mut PgConnection,
    filter: &LogFilter,
    limit: u32,
    searched: i64,
) -> Result<LogPage, sqlx::Error> {
    let before = filter.before.unwrap_or(i64::MAX);
    // The lowest number that is looked at, if there are more below it.
    let floor = match is_search(filter) {
        true => floor(connection, before, searched).await?,
        false => None,
    };
    let mut select = QueryBuilder::<Postgres>::new("SELECT ");
    select
        .push(COLUMNS)
        .push(" FROM request WHERE number < ")
        .push_bind(before);
    if let Some(floor) = floor {
        select.push(" AND number >= ").push_bind(floor);
    }
    push_filter(&mut select, filter);
    for word in &filter.words {
        push_word(&mut select, word);
    }
    select
        .push(" ORDER BY number DESC LIMIT ")
        .push_bind(i64::from(limit) + 1);
    let rows = select.build().fetch_all(connection).await?;
    let mut records: Vec<StoredRecord> = rows.iter().map(read).collect::<Result<_, _>>()?;
    let is_full = records.len() > limit as usize;
    records.truncate(limit as usize);
    let next = match is_full {
        true => records.last().map(|last| last.number),
        false => floor,
    };
    Ok(LogPage { records, next })
}

/// Whether no index leads to what a filter lets pass: records are looked at one by one then.
fn is_search(filter: &LogFilter) -> bool {
    let filters = [
        filter.agent.is_some(),
        filter.provider.is_some(),
        filter.kind.is_some(),
        filter.outcome.is_some(),
    ];
    !filter.words.is_empty() || filters.into_iter().filter(|is_used| *is_used).count() > 1
}

/// Where a search ends for now: the number of the last record that it looks at.
async fn floor(
    connection: &mut PgConnection,
    before: i64,
    searched: i64,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT number FROM request WHERE number < $1 ORDER BY number DESC LIMIT 1 OFFSET $2",
    )
    .bind(before)
    .bind(searched)
    .fetch_optional(connection)
    .await
}

fn push_filter(select: &mut QueryBuilder<Postgres>, filter: &LogFilter) {
    let texts = [
        (" AND agent = ", filter.agent.as_deref()),
        (" AND provider = ", filter.provider.as_deref()),
        (" AND kind = ", filter.kind.map(RouteKind::name)),
        (" AND outcome = ", filter.outcome.map(RequestOutcome::name)),
    ];
    for (column, value) in texts {
        if let Some(value) = value {
            select.push(column).push_bind(storable(value).into_owned());
        }
    }
    if let Some(since) = filter.since {
        // Numbers rise with the time, so that the first one of that time ends the list.
        select
            .push(" AND number >= coalesce((SELECT number FROM request WHERE ended_at >= ")
            .push_bind(since)
            .push(" ORDER BY ended_at, number LIMIT 1), 9223372036854775807)");
    }
}

fn push_word(select: &mut QueryBuilder<Postgres>, word: &str) {
    let escaped: String = storable(word)
        .chars()
        .flat_map(|character| {
            let escape = matches!(character, '%' | '_' | '\\').then_some('\\');
            escape.into_iter().chain([character])
        })
        .collect();
    let pattern = format!("%{escaped}%");
    select.push(" AND (FALSE");
    if word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let start = format!("{}%", word.to_ascii_lowercase());
        select.push(" OR encode(id, 'hex') LIKE ").push_bind(start);
    }
    for column in TEXTS {
        select
            .push(" OR ")
            .push(column)
            .push(" ILIKE ")
            .push_bind(pattern.clone())
            .push(" ESCAPE '\\'");
    }
    select.push(")");
}

pub(super) async fn after(
    connection: &mut PgConnection,
    number: i64,
    limit: u32,
) -> Result<Vec<StoredRecord>, sqlx::Error> {
    let select =
        format!("SELECT {COLUMNS} FROM request WHERE number > $1 ORDER BY number LIMIT $2");
    let rows = sqlx::query(AssertSqlSafe(select))
        .bind(number)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    rows.iter().map(read).collect()
}

/// The highest number that was given.
pub(super) async fn latest(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT last FROM request_counter")
        .fetch_one(connection)
        .await
}

pub(super) async fn find(
    connection: &mut PgConnection,
    id: RequestId,
) -> Result<Option<(StoredRecord, Option<String>)>, sqlx::Error> {
    let select = format!(
        "SELECT {COLUMNS}, (SELECT json FROM route WHERE route.id = request.route) AS route_json
         FROM request WHERE id = $1"
    );
    let row = sqlx::query(AssertSqlSafe(select))
        .bind(id.to_bytes().to_vec())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok((read(&row)?, row.try_get("route_json")?)))
        .transpose()
}
