//! The records of forwarded requests.

use waypost_forwarding::{Attempt, Outcome, RecordSink, RequestRecord};

/// Writes a line of the log for each request. Nothing of it is the caller's own text: a model string
/// could be anything.
pub(super) struct LoggedRecords;

impl RecordSink for LoggedRecords {
    fn record(&self, record: RequestRecord) {
        let last = record.attempts.last();
        let name = |name: fn(&Attempt) -> Option<&str>| last.and_then(name).unwrap_or("");
        let outcome = match &record.outcome {
            Outcome::Answered => "answered",
            Outcome::Failed(code) => code,
            Outcome::Cancelled => "cancelled",
        };
        tracing::info!(
            id = record.id,
            agent = record.agent,
            operation = record.operation,
            kind = name(|attempt| attempt.kind),
            provider = name(|attempt| attempt.provider.as_deref()),
            attempts = record.attempts.len(),
            fallback = record.fallback.as_deref().unwrap_or(""),
            status = record.status,
            outcome,
            bytes_in = record.bytes_in,
            bytes_out = record.bytes_out,
            milliseconds = record.total.as_millis(),
            "forwarded request"
        );
    }
}
