//! The audit log: who changed which fields of what. It never holds a secret.

use crate::audit::{Actor, AuditFilter, AuditRow, AuditWord, ChangedValue};
use sqlx::SqliteConnection;

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

/// Writes what fields were before and after the last event.
pub(super) async fn record_values(
    connection: &mut SqliteConnection,
    values: &[ChangedValue],
) -> Result<(), sqlx::Error> {
    for value in values {
        sqlx::query(
            "INSERT INTO audit_values (audit_id, field, before, after)
             VALUES ((SELECT max(id) FROM audit), ?1, ?2, ?3)",
        )
        .bind(&value.field)
        .bind(&value.before)
        .bind(&value.after)
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
            "text": word.text.to_ascii_lowercase(),
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
    connection: &mut SqliteConnection,
    filter: &AuditFilter,
    limit: u32,
) -> Result<(Vec<AuditRow>, bool), sqlx::Error> {
    let rows: Vec<(i64, i64, String, String, String, String, String)> = sqlx::query_as(
        "SELECT id, at, actor, action, target, fields,
                (SELECT json_group_array(json_array(field, before, after)) FROM audit_values
                 WHERE audit_id = audit.id)
         FROM audit
         WHERE id < ?1
           AND (?3 IS NULL OR at >= ?3)
           AND (?4 IS NULL OR at < ?4)
           AND (?5 IS NULL OR action = ?5
                OR substr(action, 1, length(?5) + 1) = ?5 || '.')
           AND (?6 IS NULL OR target = ?6
                OR substr(target, 1, length(?6) + 1) = ?6 || ':')
           -- A token's label follows its id.
           AND (?7 IS NULL OR actor = ?7
                OR substr(actor, 1, length(?7) + 1) IN (?7 || ':', ?7 || ' '))
           AND NOT EXISTS (
                SELECT 1 FROM json_each(?8) AS word
                WHERE instr(
                        lower(actor || char(10) || action || char(10) || target || char(10) || fields),
                        word.value ->> 'text') = 0
                  AND action NOT IN (SELECT value FROM json_each(word.value, '$.actions'))
                  AND actor NOT IN (SELECT value FROM json_each(word.value, '$.actors'))
                  AND target NOT IN (SELECT value FROM json_each(word.value, '$.targets'))
                  AND NOT EXISTS (
                      SELECT 1 FROM json_each(fields) AS field
                      WHERE field.value IN (SELECT value FROM json_each(word.value, '$.fields')))
                  AND NOT EXISTS (
                      SELECT 1 FROM audit_values AS changed
                      WHERE changed.audit_id = audit.id
                        AND (changed.field IN (SELECT value FROM json_each(word.value, '$.fields'))
                             OR instr(
                                lower(changed.field || char(10) || coalesce(changed.before, '')
                                    || char(10) || coalesce(changed.after, '')),
                                word.value ->> 'text') > 0)))
         ORDER BY id DESC LIMIT ?2",
    )
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(i64::from(limit) + 1)
    .bind(filter.since)
    .bind(filter.until)
    .bind(filter.action.as_deref())
    .bind(filter.target.as_deref())
    .bind(filter.actor.as_deref())
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
