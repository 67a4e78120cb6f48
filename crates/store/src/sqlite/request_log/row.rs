//! Rows of the table `request`.

use crate::request_log::{LoggedAttempt, LoggedRequest, RequestId, StoredRecord};
use serde_json::{Value, json};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use std::time::Duration;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{RouteKind, Rule};
use waypost_routing::vocabulary::RequestOutcome;

/// The columns of a record, as [`read`] takes them.
pub(super) const COLUMNS: &str =
    "number, id, at, ended_at, agent, agent_id, token, subagent, operation, model, outcome,
     status, code, fallback, flags, first_byte_us, total_us, tokens_in, tokens_out, tokens_cached,
     bytes_in, bytes_out, generation, attempts";

pub(super) fn read(row: &SqliteRow) -> Result<StoredRecord, sqlx::Error> {
    let id: Vec<u8> = row.try_get("id")?;
    let id = id.try_into().map_err(|_| unreadable("id"))?;
    let operation: Option<String> = row.try_get("operation")?;
    let outcome: String = row.try_get("outcome")?;
    let status: Option<i64> = row.try_get("status")?;
    let flags: String = row.try_get("flags")?;
    let first_byte: Option<i64> = row.try_get("first_byte_us")?;
    let attempts: String = row.try_get("attempts")?;
    let count = |column| row.try_get::<i64, _>(column).map(unsigned);
    let tokens = |column| {
        let tokens: Option<i64> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(tokens.map(unsigned))
    };
    Ok(StoredRecord {
        number: row.try_get("number")?,
        record: LoggedRequest {
            id: RequestId::from_bytes(id),
            at: row.try_get("at")?,
            ended_at: row.try_get("ended_at")?,
            agent: row.try_get("agent")?,
            agent_id: row.try_get("agent_id")?,
            token: row.try_get("token")?,
            subagent: row.try_get("subagent")?,
            operation: operation.as_deref().and_then(Operation::from_name),
            model: row.try_get("model")?,
            outcome: RequestOutcome::from_name(&outcome).ok_or_else(|| unreadable("outcome"))?,
            status: status.and_then(|status| u16::try_from(status).ok()),
            code: row.try_get("code")?,
            fallback: row.try_get("fallback")?,
            flags: flags.split_whitespace().map(str::to_owned).collect(),
            first_byte: first_byte.map(|micros| duration(unsigned(micros))),
            total: duration(count("total_us")?),
            tokens_in: tokens("tokens_in")?,
            tokens_out: tokens("tokens_out")?,
            tokens_cached: tokens("tokens_cached")?,
            bytes_in: count("bytes_in")?,
            bytes_out: count("bytes_out")?,
            generation: count("generation")?,
            attempts: read_attempts(&attempts),
        },
    })
}

fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: "it has no known form".into(),
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn duration(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

/// A duration in microseconds, as columns have it.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The attempts as JSON: a list for each, so that names of fields are not stored a million times.
pub(super) fn attempts_json(attempts: &[LoggedAttempt]) -> String {
    let attempts = attempts.iter().map(|attempt| {
        json!([
            attempt.kind.map(RouteKind::name),
            attempt.rule.map(Rule::name),
            attempt.provider,
            attempt.origin,
            attempt.wire_model,
            attempt.credential,
            attempt.status,
            attempt.code,
            attempt.sent,
            micros(attempt.begun),
            attempt.connect.map(micros),
            attempt.first_byte.map(micros),
            micros(attempt.total),
        ])
    });
    Value::Array(attempts.collect()).to_string()
}

fn read_attempts(text: &str) -> Vec<LoggedAttempt> {
    let attempts: Vec<Vec<Value>> = serde_json::from_str(text).unwrap_or_default();
    attempts
        .iter()
        .map(|attempt| read_attempt(attempt))
        .collect()
}

fn read_attempt(fields: &[Value]) -> LoggedAttempt {
    let field = |at: usize| fields.get(at).unwrap_or(&Value::Null);
    let text = |at: usize| field(at).as_str().map(str::to_owned);
    let time = |at: usize| field(at).as_u64().map(duration);
    let rule = field(1).as_str();
    LoggedAttempt {
        kind: field(0).as_str().and_then(RouteKind::from_name),
        rule: Rule::ALL
            .into_iter()
            .find(|known| Some(known.name()) == rule),
        provider: text(2),
        origin: text(3),
        wire_model: text(4),
        credential: text(5),
        status: field(6)
            .as_u64()
            .and_then(|status| u16::try_from(status).ok()),
        code: text(7),
        sent: field(8).as_bool().unwrap_or(false),
        begun: time(9).unwrap_or_default(),
        connect: time(10),
        first_byte: time(11),
        total: time(12).unwrap_or_default(),
    }
}
