//! A line of the process's own log for each request.

use waypost_forwarding::{Outcome, RequestRecord};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;

/// Writes the line. Nothing of it is the caller's own text: a model string could be anything. Where
/// requests are recorded, the line is for debugging: at thousands of requests a second it would cost
/// more than the rest.
pub(super) fn write(record: &RequestRecord, is_recorded: bool) {
    if is_recorded && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let last = record.attempts.last();
    let operation = record.operation.map_or("", Operation::name);
    let kind = last.and_then(|last| last.kind).map_or("", RouteKind::name);
    let provider = last.and_then(|last| last.provider.as_deref()).unwrap_or("");
    let fallback = record.fallback.as_deref().unwrap_or("");
    let outcome = match &record.outcome {
        Outcome::Answered => "answered",
        Outcome::Failed(code) => code,
        Outcome::Cancelled => "cancelled",
    };
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                id = record.id,
                agent = record.agent,
                operation,
                kind,
                provider,
                attempts = record.attempts.len(),
                fallback,
                status = record.status,
                outcome,
                bytes_in = record.bytes_in,
                bytes_out = record.bytes_out,
                milliseconds = record.total.as_millis(),
                "forwarded request"
            )
        };
    }
    match is_recorded {
        true => line!(debug),
        false => line!(info),
    }
}
