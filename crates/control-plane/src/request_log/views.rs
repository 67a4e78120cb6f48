//! What the log stores, as the API shows it.

use crate::store::{LoggedAttempt, StoredRecord, TrafficRow};
use std::time::Duration;
use waypost_api_types::{RequestAttempt, RequestItem, TokenUsage, TrafficItem};

pub(super) fn item(stored: &StoredRecord) -> RequestItem {
    let record = &stored.record;
    let last = record.attempts.last();
    RequestItem {
        number: stored.number,
        id: record.id.to_string(),
        at: record.at,
        agent: record.agent.clone(),
        subagent: record.subagent.clone(),
        operation: record.operation,
        model: record.model.clone(),
        kind: last.and_then(|last| last.kind),
        provider: last.and_then(|last| last.provider.clone()),
        origin: last.and_then(|last| last.origin.clone()),
        wire_model: last.and_then(|last| last.wire_model.clone()),
        outcome: record.outcome,
        status: record.status,
        code: record.code.clone(),
        fallback: record.fallback.clone(),
        attempts: u32::try_from(record.attempts.len()).unwrap_or(u32::MAX),
        first_byte_us: record.first_byte.map(micros),
        total_us: micros(record.total),
        tokens: TokenUsage {
            input: record.tokens_in,
            output: record.tokens_out,
            cached: record.tokens_cached,
        },
        bytes_in: record.bytes_in,
        bytes_out: record.bytes_out,
        flags: record.flags.clone(),
    }
}

pub(super) fn attempt(attempt: &LoggedAttempt) -> RequestAttempt {
    RequestAttempt {
        kind: attempt.kind,
        rule: attempt.rule,
        provider: attempt.provider.clone(),
        origin: attempt.origin.clone(),
        wire_model: attempt.wire_model.clone(),
        credential: attempt.credential.clone(),
        status: attempt.status,
        code: attempt.code.clone(),
        sent: attempt.sent,
        begun_us: micros(attempt.begun),
        connect_us: attempt.connect.map(micros),
        first_byte_us: attempt.first_byte.map(micros),
        total_us: micros(attempt.total),
    }
}

pub(super) fn traffic(row: TrafficRow) -> TrafficItem {
    let millis = |duration: Option<Duration>| {
        // Never 0: what takes less than a millisecond takes some time.
        duration.map(|duration| micros(duration).div_ceil(1_000))
    };
    TrafficItem {
        key: row.key,
        requests: row.requests,
        failed: row.failed,
        tokens_in: row.tokens_in,
        tokens_out: row.tokens_out,
        first_byte_p50: millis(row.first_byte.quantile(0.5)),
        first_byte_p95: millis(row.first_byte.quantile(0.95)),
        total_p50: millis(row.total.quantile(0.5)),
        total_p95: millis(row.total.quantile(0.95)),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
