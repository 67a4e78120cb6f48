//! What came of the last test and the last refresh of each owner.

use super::text::storable;
use crate::outcomes::{Call, Outcomes, StoredOutcome};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use waypost_routing::vocabulary::CheckOutcome;

/// Reads them all.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Outcomes, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT owner, call, at, outcome, message, status, duration_ms,
                added, removed, changed, unchanged
         FROM outcomes",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<((String, Call), StoredOutcome), sqlx::Error> {
    let call: String = row.try_get("call")?;
    let call = if call == Call::Test.name() {
        Call::Test
    } else {
        Call::Refresh
    };
    let outcome: String = row.try_get("outcome")?;
    let outcome: CheckOutcome = serde_json::from_value(serde_json::Value::String(outcome))
        .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let count =
        |column| -> Result<u64, sqlx::Error> { Ok(row.try_get::<i64, _>(column)?.unsigned_abs()) };
    let record = StoredOutcome {
        at: row.try_get("at")?,
        outcome,
        message: row.try_get("message")?,
        status: row
            .try_get::<Option<i64>, _>("status")?
            .and_then(|status| u16::try_from(status).ok()),
        duration_ms: count("duration_ms")?,
        added: count("added")?,
        removed: count("removed")?,
        changed: count("changed")?,
        unchanged: count("unchanged")?,
    };
    Ok(((row.try_get("owner")?, call), record))
}

/// Records an outcome in the place of the one before.
pub(super) async fn record(
    connection: &mut PgConnection,
    owner: &str,
    call: Call,
    outcome: &StoredOutcome,
    now: i64,
) -> Result<(), sqlx::Error> {
    let count = |models: u64| i64::try_from(models).unwrap_or(i64::MAX);
    let class = serde_json::to_value(outcome.outcome).expect("a unit variant is JSON");
    sqlx::query(
        "INSERT INTO outcomes
             (owner, call, at, outcome, message, status, duration_ms, added, removed, changed, unchanged)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (owner, call) DO UPDATE SET
             at = excluded.at, outcome = excluded.outcome, message = excluded.message,
             status = excluded.status, duration_ms = excluded.duration_ms, added = excluded.added,
             removed = excluded.removed, changed = excluded.changed, unchanged = excluded.unchanged",
    )
    .bind(owner)
    .bind(call.name())
    .bind(now)
    .bind(class.as_str().expect("a unit variant is a string"))
    .bind(storable(&outcome.message))
    .bind(outcome.status.map(i64::from))
    .bind(count(outcome.duration_ms))
    .bind(count(outcome.added))
    .bind(count(outcome.removed))
    .bind(count(outcome.changed))
    .bind(count(outcome.unchanged))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Forgets an owner's outcomes.
pub(super) async fn forget(connection: &mut PgConnection, owner: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM outcomes WHERE owner = $1")
        .bind(owner)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Forgets an owner's outcomes that were about its credential.
pub(super) async fn forget_refusals(
    connection: &mut PgConnection,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM outcomes WHERE owner = $1 AND outcome IN ('unauthorized', 'not_sent')",
    )
    .bind(owner)
    .execute(connection)
    .await?;
    Ok(())
}
