//! Spans, and OTLP's JSON.

use super::TraceSettings;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use waypost_forwarding::{Outcome, RequestRecord};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;
use waypost_system::{clock, random};

/// A span of a server, as OTLP numbers the kinds.
const SERVER: u8 = 2;

/// The status of a span that failed, as OTLP numbers them.
const ERROR: u8 = 2;

/// One request, from its acceptance to the end of its answer.
pub(super) struct Span {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    name: &'static str,
    ended: Duration,
    total: Duration,
    attributes: Vec<Value>,
    error: Option<String>,
}

impl Span {
    /// `names_model` says that the model is configured. Otherwise it is a caller's own text, which could
    /// be anything, and the span says `other`.
    pub(super) fn of(record: &RequestRecord, names_model: bool) -> Self {
        let last = record.attempts.last();
        let error = match &record.outcome {
            Outcome::Answered if record.status < 400 => None,
            Outcome::Answered => Some(record.status.to_string()),
            Outcome::Failed(code) => Some(code.clone()),
            Outcome::Cancelled => Some("cancelled".to_owned()),
        };
        let operation = record.operation.map_or("unknown", Operation::name);
        let kind = last.and_then(|attempt| attempt.kind);
        let wire_model = last.and_then(|attempt| attempt.wire_model.as_deref());
        let wire_model = wire_model.map(|model| if names_model { model } else { "other" });
        let texts = [
            ("gen_ai.operation.name", Some(operation)),
            ("gen_ai.request.model", wire_model),
            (
                "gen_ai.provider.name",
                last.and_then(|attempt| attempt.provider.as_deref()),
            ),
            (
                "server.address",
                last.and_then(|attempt| attempt.origin.as_deref()),
            ),
            ("error.type", error.as_deref()),
            ("waypost.request.id", Some(record.id.as_str())),
            ("waypost.agent.name", Some(record.agent.as_str())),
            ("waypost.route.kind", kind.map(RouteKind::name)),
            ("waypost.fallback.reason", record.fallback.as_deref()),
        ];
        let texts = texts.into_iter().filter_map(|(key, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            Some(json!({ "key": key, "value": { "stringValue": value } }))
        });
        let numbers = [
            ("http.response.status_code", u64::from(record.status)),
            ("waypost.attempts", record.attempts.len() as u64),
            ("http.request.body.size", record.bytes_in),
            ("http.response.body.size", record.bytes_out),
        ];
        // OTLP writes 64-bit numbers as strings.
        let numbers = numbers
            .into_iter()
            .map(|(key, value)| json!({ "key": key, "value": { "intValue": value.to_string() } }));
        Self {
            trace_id: random::bytes(),
            span_id: random::bytes(),
            name: operation,
            ended: clock::since_epoch(),
            total: record.total,
            attributes: texts.chain(numbers).collect(),
            error,
        }
    }

    fn json(&self) -> Value {
        let begun = self.ended.saturating_sub(self.total);
        let mut span = json!({
            "traceId": hexadecimal(&self.trace_id),
            "spanId": hexadecimal(&self.span_id),
            "name": self.name,
            "kind": SERVER,
            "startTimeUnixNano": begun.as_nanos().to_string(),
            "endTimeUnixNano": self.ended.as_nanos().to_string(),
            "attributes": self.attributes,
        });
        if let Some(error) = &self.error {
            span["status"] = json!({ "code": ERROR, "message": error });
        }
        span
    }
}

/// The document of a batch.
pub(super) fn document(settings: &TraceSettings, batch: &[Span]) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let spans: Vec<Value> = batch.iter().map(Span::json).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [
                text("service.name", &settings.service),
                text("service.version", env!("CARGO_PKG_VERSION")),
            ] },
            "scopeSpans": [{ "scope": { "name": "waypost" }, "spans": spans }],
        }],
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
