//! Attempts and durations, as the columns of a database have them.

use super::LoggedAttempt;
use serde_json::{Value, json};
use std::time::Duration;
use waypost_routing::resolution::{RouteKind, Rule};

/// A duration of a column in microseconds.
pub(crate) fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// A duration in microseconds, as columns have it.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The attempts as JSON: a list for each, so that names of fields are not stored a million times.
pub(crate) fn attempts_json(attempts: &[LoggedAttempt]) -> String {
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

/// Reads what [`attempts_json`] has written.
pub(crate) fn read_attempts(text: &str) -> Vec<LoggedAttempt> {
    let attempts: Vec<Vec<Value>> = serde_json::from_str(text).unwrap_or_default();
    attempts
        .iter()
        .map(|attempt| read_attempt(attempt))
        .collect()
}

fn read_attempt(fields: &[Value]) -> LoggedAttempt {
    let field = |at: usize| fields.get(at).unwrap_or(&Value::Null);
    let text = |at: usize| field(at).as_str().map(str::to_owned);
    let time = |at: usize| field(at).as_i64().map(duration);
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
