//! What came of the last test and the last refresh of each owner.

use crate::outcomes::{Call, Outcomes};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use waypost_api_types::{OutcomeRecord, OutcomeReport};
use waypost_routing::vocabulary::CheckOutcome;

/// Reads them all.
pub(super) async fn list(connection: &mut SqliteConnection) -> Result<Outcomes, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT owner, call, at, outcome, message, status, duration_ms,
                added, removed, changed, unchanged
         FROM outcomes",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<((String, Call), OutcomeRecord), sqlx::Error> {
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
    let record = OutcomeRecord {
        at: row.try_get("at")?,
        outcome,
        message: row.try_get("message")?,
        status: row.try_get("status")?,
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
    connection: &mut SqliteConnection,
    owner: &str,
    call: Call,
    report: &OutcomeReport,
    now: i64,
) -> Result<(), sqlx::Error> {
    // A test reports what it saw as added, yet it adds nothing.
    let count = |ids: &[String]| match call {
        Call::Test => 0,
        Call::Refresh => i64::try_from(ids.len()).unwrap_or(i64::MAX),
    };
    let outcome = serde_json::to_value(report.outcome).expect("a unit variant is JSON");
    sqlx::query(
        "INSERT OR REPLACE INTO outcomes
             (owner, call, at, outcome, message, status, duration_ms, added, removed, changed, unchanged)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(owner)
    .bind(call.name())
    .bind(now)
    .bind(outcome.as_str().expect("a unit variant is a string"))
    .bind(&report.message)
    .bind(report.status)
    .bind(i64::try_from(report.duration_ms).unwrap_or(i64::MAX))
    .bind(count(&report.added))
    .bind(count(&report.removed))
    .bind(count(&report.changed))
    .bind(count(&report.unchanged))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Forgets an owner's outcomes.
pub(super) async fn forget(
    connection: &mut SqliteConnection,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM outcomes WHERE owner = ?1")
        .bind(owner)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Forgets an owner's outcomes that were about its credential.
pub(super) async fn forget_refusals(
    connection: &mut SqliteConnection,
    owner: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM outcomes WHERE owner = ?1 AND outcome IN ('unauthorized', 'not_sent')",
    )
    .bind(owner)
    .execute(connection)
    .await?;
    Ok(())
}
