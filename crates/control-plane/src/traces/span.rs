//! Spans, and OTLP's JSON.

use super::TraceSettings;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;
use waypost_forwarding::{Attempt, Outcome, RequestRecord};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;
use waypost_system::{clock, random};

/// The kinds of spans, as OTLP numbers them.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// The status of a span that failed, as OTLP numbers them.
const ERROR: u8 = 2;

/// The spans of one request: from its acceptance to the end of its answer, and of each attempt that was
/// sent.
pub(super) struct RequestSpans {
    trace_id: [u8; 16],
    /// The caller's span.
    parent: Option<[u8; 8]>,
    /// The request first.
    spans: Vec<Span>,
}

struct Span {
    id: [u8; 8],
    kind: u8,
    name: String,
    /// Since the epoch.
    begun: Duration,
    ended: Duration,
    attributes: Vec<Value>,
    error: Option<String>,
}

impl RequestSpans {
    /// `names_model` says that the model is configured. Otherwise it is a caller's own text, which could
    /// be anything, and the spans say `other`.
    pub(super) fn of(record: &RequestRecord, names_model: bool) -> Self {
        let ended = clock::since_epoch();
        let begun = ended.saturating_sub(record.total);
        let mut spans = vec![of_request(record, names_model, begun, ended)];
        let sent = record.attempts.iter().filter(|attempt| attempt.sent);
        spans.extend(sent.map(|attempt| of_attempt(record, attempt, names_model, begun)));
        Self {
            trace_id: record
                .trace
                .map_or_else(random::bytes, |trace| trace.trace_id),
            parent: record.trace.map(|trace| trace.span_id),
            spans,
        }
    }

    /// How many spans there are.
    pub(super) fn count(&self) -> u64 {
        self.spans.len() as u64
    }

    fn json(&self) -> impl Iterator<Item = Value> {
        let request = self.spans.first().map(|request| request.id);
        self.spans.iter().enumerate().map(move |(place, span)| {
            let parent = if place == 0 { self.parent } else { request };
            span.json(&self.trace_id, parent)
        })
    }
}

fn of_request(record: &RequestRecord, names_model: bool, begun: Duration, ended: Duration) -> Span {
    let last = record.attempts.last();
    let error = match &record.outcome {
        Outcome::Answered if record.status < 400 => None,
        Outcome::Answered => Some(record.status.to_string()),
        Outcome::Failed(code) => Some(code.clone()),
        Outcome::Cancelled => Some("cancelled".to_owned()),
    };
    let operation = operation(record);
    let kind = last.and_then(|attempt| attempt.kind);
    let mut attributes = Vec::new();
    add_texts(
        &mut attributes,
        [
            ("gen_ai.operation.name", Some(operation)),
            ("gen_ai.request.model", wire_model(last, names_model)),
            (
                "gen_ai.provider.name",
                last.and_then(|last| last.provider.as_deref()),
            ),
            (
                "server.address",
                last.and_then(|last| last.origin.as_deref()),
            ),
            ("error.type", error.as_deref()),
            ("waypost.request.id", Some(record.id.as_str())),
            ("waypost.agent.name", Some(record.agent.as_str())),
            ("waypost.route.kind", kind.map(RouteKind::name)),
            ("waypost.fallback.reason", record.fallback.as_deref()),
        ],
    );
    let usage = &record.usage;
    add_numbers(
        &mut attributes,
        [
            ("http.response.status_code", Some(u64::from(record.status))),
            ("waypost.attempts", Some(record.attempts.len() as u64)),
            ("http.request.body.size", Some(record.bytes_in)),
            ("http.response.body.size", Some(record.bytes_out)),
            ("gen_ai.usage.input_tokens", usage.input),
            ("gen_ai.usage.output_tokens", usage.output),
            ("gen_ai.usage.cache_read.input_tokens", usage.cached),
        ],
    );
    Span {
        id: random::bytes(),
        kind: SERVER,
        name: operation.to_owned(),
        begun,
        ended,
        attributes,
        error,
    }
}

fn of_attempt(
    record: &RequestRecord,
    attempt: &Attempt,
    names_model: bool,
    accepted: Duration,
) -> Span {
    let operation = operation(record);
    let model = wire_model(Some(attempt), names_model);
    let error = match (&attempt.code, attempt.status) {
        (Some(code), _) => Some(code.clone()),
        (None, Some(status)) if status >= 400 => Some(status.to_string()),
        // The caller left before there was an answer.
        (None, None) => Some("cancelled".to_owned()),
        (None, Some(_)) => None,
    };
    let mut attributes = Vec::new();
    add_texts(
        &mut attributes,
        [
            ("gen_ai.operation.name", Some(operation)),
            ("gen_ai.request.model", model),
            ("gen_ai.provider.name", attempt.provider.as_deref()),
            ("server.address", attempt.origin.as_deref()),
            ("error.type", error.as_deref()),
            ("waypost.route.kind", attempt.kind.map(RouteKind::name)),
        ],
    );
    let micros = |time: Option<Duration>| time.map(|time| time.as_micros() as u64);
    add_numbers(
        &mut attributes,
        [
            ("http.response.status_code", attempt.status.map(u64::from)),
            ("waypost.connect.duration_us", micros(attempt.connect)),
            ("waypost.first_byte.duration_us", micros(attempt.head)),
        ],
    );
    let begun = accepted + attempt.begun;
    Span {
        id: random::bytes(),
        kind: CLIENT,
        name: match model {
            Some(model) => format!("{operation} {model}"),
            None => operation.to_owned(),
        },
        begun,
        ended: begun + attempt.total,
        attributes,
        error,
    }
}

fn operation(record: &RequestRecord) -> &'static str {
    record.operation.map_or("unknown", Operation::name)
}

fn wire_model(attempt: Option<&Attempt>, names_model: bool) -> Option<&str> {
    let model = attempt?.wire_model.as_deref()?;
    Some(if names_model { model } else { "other" })
}

fn add_texts<const N: usize>(attributes: &mut Vec<Value>, texts: [(&str, Option<&str>); N]) {
    let texts = texts.into_iter().filter_map(|(key, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(json!({ "key": key, "value": { "stringValue": value } }))
    });
    attributes.extend(texts);
}

/// OTLP writes 64-bit numbers as strings.
fn add_numbers<const N: usize>(attributes: &mut Vec<Value>, numbers: [(&str, Option<u64>); N]) {
    let numbers = numbers.into_iter().filter_map(|(key, value)| {
        Some(json!({ "key": key, "value": { "intValue": value?.to_string() } }))
    });
    attributes.extend(numbers);
}

impl Span {
    fn json(&self, trace_id: &[u8], parent: Option<[u8; 8]>) -> Value {
        let mut span = json!({
            "traceId": hexadecimal(trace_id),
            "spanId": hexadecimal(&self.id),
            "name": self.name,
            "kind": self.kind,
            "startTimeUnixNano": self.begun.as_nanos().to_string(),
            "endTimeUnixNano": self.ended.as_nanos().to_string(),
            "attributes": self.attributes,
        });
        if let Some(parent) = parent {
            span["parentSpanId"] = json!(hexadecimal(&parent));
        }
        if let Some(error) = &self.error {
            span["status"] = json!({ "code": ERROR, "message": error });
        }
        span
    }
}

/// The document of a batch.
pub(super) fn document(settings: &TraceSettings, batch: &[RequestSpans]) -> Value {
    let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let spans: Vec<Value> = batch.iter().flat_map(RequestSpans::json).collect();
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
