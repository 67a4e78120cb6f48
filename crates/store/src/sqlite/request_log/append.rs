//! Adding records.

use super::read::LATEST;
use super::routes::KnownRoutes;
use super::traffic;
use crate::request_log::{LoggedRequest, NewRecord, Tally, attempts_json, micros};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use std::collections::HashSet;
use waypost_routing::resolution::RouteKind;

/// How many rows one statement inserts: of few sizes, so that each statement is prepared once.
const ROWS: [usize; 3] = [64, 8, 1];

/// Adds records and their traffic, in the caller's transaction. Returns the highest number.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    records: &[NewRecord],
    routes: &mut KnownRoutes,
) -> Result<i64, sqlx::Error> {
    let mut tally = Tally::default();
    let mut rows = Vec::with_capacity(records.len());
    for new in records {
        let route = match &new.route {
            Some(route) => routes.id(connection, route, new.record.ended_at).await?,
            None => None,
        };
        rows.push((&new.record, route));
    }
    let mut rest = rows.as_slice();
    while !rest.is_empty() {
        let size = ROWS
            .into_iter()
            .find(|size| *size <= rest.len())
            .unwrap_or(1);
        let (these, others) = rest.split_at(size);
        let added = insert(connection, these).await?;
        // What is there already was counted when it was added.
        let is_new = |record: &LoggedRequest| added.contains(record.id.to_bytes().as_slice());
        let new = these
            .iter()
            .map(|(record, _)| *record)
            .filter(|record| is_new(record));
        new.for_each(|record| tally.add(record));
        rest = others;
    }
    traffic::add(connection, tally).await?;
    sqlx::query_scalar(LATEST).fetch_one(connection).await
}

/// Adds rows. Returns the ids of those that were not there.
async fn insert(
    connection: &mut SqliteConnection,
    rows: &[(&LoggedRequest, Option<i64>)],
) -> Result<HashSet<Vec<u8>>, sqlx::Error> {
    let mut insert = QueryBuilder::<Sqlite>::new(
        "INSERT OR IGNORE INTO request
             (id, at, ended_at, agent, agent_id, token, subagent, operation, model, kind, provider,
              wire_model, origin, outcome, status, code, fallback, flags, first_byte_us, total_us,
              tokens_in, tokens_out, tokens_cached, bytes_in, bytes_out, generation, route, attempts) ",
    );
    insert.push_values(rows, |mut values, (record, route)| {
        let last = record.attempts.last();
        values
            .push_bind(record.id.to_bytes().to_vec())
            .push_bind(record.at)
            .push_bind(record.ended_at)
            .push_bind(&record.agent)
            .push_bind(&record.agent_id)
            .push_bind(&record.token)
            .push_bind(&record.subagent)
            .push_bind(record.operation.map(|operation| operation.name()))
            .push_bind(&record.model)
            .push_bind(last.and_then(|last| last.kind).map(RouteKind::name))
            .push_bind(last.and_then(|last| last.provider.as_deref()))
            .push_bind(last.and_then(|last| last.wire_model.as_deref()))
            .push_bind(last.and_then(|last| last.origin.as_deref()))
            .push_bind(record.outcome.name())
            .push_bind(record.status)
            .push_bind(&record.code)
            .push_bind(&record.fallback)
            .push_bind(record.flags.join(" "))
            .push_bind(record.first_byte.map(micros))
            .push_bind(micros(record.total))
            .push_bind(record.tokens_in.map(signed))
            .push_bind(record.tokens_out.map(signed))
            .push_bind(record.tokens_cached.map(signed))
            .push_bind(signed(record.bytes_in))
            .push_bind(signed(record.bytes_out))
            .push_bind(signed(record.generation))
            .push_bind(*route)
            .push_bind(attempts_json(&record.attempts));
    });
    insert.push(" RETURNING id");
    let added: Vec<Vec<u8>> = insert.build_query_scalar().fetch_all(connection).await?;
    Ok(added.into_iter().collect())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
