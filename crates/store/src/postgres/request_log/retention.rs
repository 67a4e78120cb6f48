//! Deleting records in small steps, so that a step never keeps new records waiting for long.

use super::routes::KnownRoutes;
use super::traffic;
use crate::request_log::Retention;
use sqlx::PgConnection;

/// How many rows a step deletes.
pub(super) const STEP: i64 = 2_000;

const DAY: i64 = 24 * 60 * 60;

/// How much longer than its last record a route is kept, in seconds: the time of its last use is written
/// once an hour.
const ROUTE_SLACK: i64 = 2 * 60 * 60;

/// The moment before which everything is too old.
pub(super) fn oldest(keep: Retention, now: i64) -> i64 {
    now.saturating_sub(i64::from(keep.days).saturating_mul(DAY))
}

/// Deletes some of what is too old or too much. Returns whether there is more.
pub(super) async fn prune(
    connection: &mut PgConnection,
    keep: Retention,
    now: i64,
    routes: &mut KnownRoutes,
) -> Result<bool, sqlx::Error> {
    let mut deleted = delete_before(connection, oldest(keep, now)).await?;
    deleted += delete_beyond(connection, keep.records).await?;
    deleted += traffic::delete_old(connection, now).await?;
    let first: Option<i64> =
        sqlx::query_scalar("SELECT ended_at FROM request ORDER BY number LIMIT 1")
            .fetch_optional(&mut *connection)
            .await?;
    let unused = first.unwrap_or(now).min(now).saturating_sub(ROUTE_SLACK);
    let of_routes = sqlx::query(
        "DELETE FROM route WHERE id IN (SELECT id FROM route WHERE used_at < $1 LIMIT $2)",
    )
    .bind(unused)
    .bind(STEP)
    .execute(connection)
    .await?
    .rows_affected();
    if of_routes > 0 {
        routes.forget_before(unused, of_routes);
    }
    Ok(deleted + of_routes > 0)
}

/// Deletes some of the records of requests that ended before a moment. Returns how many.
pub(super) async fn delete_before(
    connection: &mut PgConnection,
    moment: i64,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query(
        "DELETE FROM request WHERE number IN
             (SELECT number FROM request WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
    )
    .bind(moment)
    .bind(STEP)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes some of the oldest records beyond a number of them. What lies between the first and the last
/// number is counted, since it costs nothing: records are deleted from the oldest on.
async fn delete_beyond(connection: &mut PgConnection, records: u64) -> Result<u64, sqlx::Error> {
    let records = i64::try_from(records).unwrap_or(i64::MAX);
    let last: Option<i64> = sqlx::query_scalar("SELECT max(number) FROM request")
        .fetch_one(&mut *connection)
        .await?;
    let first_kept = last.unwrap_or(0).saturating_sub(records).saturating_add(1);
    let deleted = sqlx::query(
        "DELETE FROM request WHERE number IN
             (SELECT number FROM request WHERE number < $1 ORDER BY number LIMIT $2)",
    )
    .bind(first_kept)
    .bind(STEP)
    .execute(connection)
    .await?;
    Ok(deleted.rows_affected())
}
