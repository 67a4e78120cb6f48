//! The audit log: who changed which fields of what. It never holds a value.

use crate::audit::Actor;
use sqlx::SqliteConnection;
use waypost_api_types::{AuditEvent, Page};

/// Writes one row, in the transaction of the change, so that neither exists without the other.
pub(super) async fn record(
    connection: &mut SqliteConnection,
    now: i64,
    actor: &Actor,
    action: &str,
    target: &str,
    fields: &[&str],
) -> Result<(), sqlx::Error> {
    let fields = serde_json::to_string(fields).expect("a list of strings is JSON");
    sqlx::query(
        "INSERT INTO audit (at, actor, action, target, fields) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(now)
    .bind(actor.as_str())
    .bind(action)
    .bind(target)
    .bind(fields)
    .execute(connection)
    .await?;
    Ok(())
}

/// One page of the log, newest first. `before` is the id that the previous page ended with.
pub(super) async fn page(
    connection: &mut SqliteConnection,
    before: Option<i64>,
    limit: u32,
) -> Result<Page<AuditEvent>, sqlx::Error> {
    let rows: Vec<(i64, i64, String, String, String, String)> = sqlx::query_as(
        "SELECT id, at, actor, action, target, fields FROM audit
         WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(i64::from(limit) + 1)
    .fetch_all(connection)
    .await?;
    let mut items: Vec<AuditEvent> = rows
        .into_iter()
        .map(|(id, at, actor, action, target, fields)| AuditEvent {
            id,
            at,
            actor,
            action,
            target,
            fields: serde_json::from_str(&fields).unwrap_or_default(),
        })
        .collect();
    let wanted = limit as usize;
    let next_cursor = if items.len() > wanted {
        items.truncate(wanted);
        items.last().map(|event| event.id.to_string())
    } else {
        None
    };
    Ok(Page { items, next_cursor })
}
