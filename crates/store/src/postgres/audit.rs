//! The audit log: who changed which fields of what. It never holds a secret.

use super::text::{storable, storable_option};
use crate::audit::{Actor, AuditFilter, AuditRow, AuditWord, ChangedValue};
use sqlx::PgConnection;

/// Writes one row, in the transaction of the change, so that neither exists without the other.
pub(super) async fn record(
    connection: &mut PgConnection,
    now: i64,
    actor: &Actor,
    action: &str,
    target: &str,
    fields: &[&str],
) -> Result<(), sqlx::Error> {
    let fields = serde_json::to_string(fields).expect("a list of strings is JSON");
    sqlx::query(
        "INSERT INTO audit (at, actor, action, target, fields) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(now)
    .bind(storable(actor.as_str()))
    .bind(action)
    .bind(storable(target))
    .bind(fields)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what fields were before and after the last event.
pub(super) async fn record_values(
    connection: &mut PgConnection,
    values: &[ChangedValue],
) -> Result<(), sqlx::Error> {
    for value in values {
        sqlx::query(
            "INSERT INTO audit_values (audit_id, field, before, after)
             VALUES ((SELECT max(id) FROM audit), $1, $2, $3)",
        )
        .bind(&value.field)
        .bind(storable_option(value.before.as_deref()))
        .bind(storable_option(value.after.as_deref()))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The values of an event from a JSON list of lists.
fn read_values(text: &str) -> Vec<ChangedValue> {
    let values: Vec<(String, Option<String>, Option<String>)> =
        serde_json::from_str(text).unwrap_or_default();
    values
        .into_iter()
        .map(|(field, before, after)| ChangedValue {
            field,
            before,
            after,
        })
        .collect()
}

/// The words of a search as JSON.
fn words_json(words: &[AuditWord]) -> String {
    let words = words.iter().map(|word| {
        serde_json::json!({
            "text": storable(&word.text).to_ascii_lowercase(),
            "actions": word.actions,
            "actors": word.actors,
            "targets": word.targets,
            "fields": word.fields,
        })
    });
    serde_json::Value::Array(words.collect()).to_string()
}

/// One page of the log, newest first, and whether there are more.
pub(super) async fn page(
    connection: &mut PgConnection,
    filter: &AuditFilter,
    limit: u32,
) -> Result<(Vec<AuditRow>, bool), sqlx::Error> {
    let rows: Vec<(i64, i64, String, String, String, String, String)> = sqlx::query_as(
        "SELECT id, at, actor, action, target, fields,
                (SELECT coalesce(json_agg(json_build_array(field, before, after) ORDER BY field), '[]')::text
                 FROM audit_values WHERE audit_id = audit.id)
         FROM audit
         WHERE id < $1
           AND ($3 IS NULL OR at >= $3)
           AND ($4 IS NULL OR at < $4)
           AND ($5 IS NULL OR action = $5
                OR starts_with(action, $5 || '.'))
           AND ($6 IS NULL OR target = $6
                OR starts_with(target, $6 || ':'))
           -- A token's label follows its id.
           AND ($7 IS NULL OR actor = $7
                OR starts_with(actor, $7 || ':') OR starts_with(actor, $7 || ' '))
           AND NOT EXISTS (
                SELECT 1 FROM jsonb_array_elements($8::jsonb) AS word
                WHERE strpos(
                        lower(actor || chr(10) || action || chr(10) || target || chr(10) || fields),
                        word ->> 'text') = 0
                  AND NOT (word -> 'actions') ? action
                  AND NOT (word -> 'actors') ? actor
                  AND NOT (word -> 'targets') ? target
                  AND NOT EXISTS (
                      SELECT 1 FROM json_array_elements_text(fields::json) AS field
                      WHERE (word -> 'fields') ? field)
                  AND NOT EXISTS (
                      SELECT 1 FROM audit_values AS changed
                      WHERE changed.audit_id = audit.id
                        AND ((word -> 'fields') ? changed.field
                             OR strpos(
                                lower(changed.field || chr(10) || coalesce(changed.before, '')
                                    || chr(10) || coalesce(changed.after, '')),
                                word ->> 'text') > 0)))
         ORDER BY id DESC LIMIT $2",
    )
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(i64::from(limit) + 1)
    .bind(filter.since)
    .bind(filter.until)
    .bind(storable_option(filter.action.as_deref()))
    .bind(storable_option(filter.target.as_deref()))
    .bind(storable_option(filter.actor.as_deref()))
    .bind(words_json(&filter.words))
    .fetch_all(connection)
    .await?;
    let mut items: Vec<AuditRow> = rows
        .into_iter()
        .map(|(id, at, actor, action, target, fields, values)| AuditRow {
            id,
            at,
            actor,
            action,
            target,
            fields: serde_json::from_str(&fields).unwrap_or_default(),
            values: read_values(&values),
        })
        .collect();
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    Ok((items, more))
}
