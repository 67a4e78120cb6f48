//! The series that each forwarded request counts in.
//!
//! A request looks its series up by texts that it has already and allocates nothing; the series of
//! a combination of labels are made when the first request has it.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use waypost_forwarding::{Attempt, Outcome, RequestRecord, TokenUsage};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;

/// Providers with their own series. Renaming and deleting leaves series behind, so there is an end.
const MOST_PROVIDERS: usize = 512;

/// Combinations of the other labels per provider.
const MOST_COMBINATIONS: usize = 256;

/// Stands for what has no other label.
const OTHER: &str = "other";

/// Stands for a provider that no request went to.
const NONE: &str = "none";

/// From a request to the end of its answer, in seconds: those of the GenAI conventions, and longer.
const DURATION_BUCKETS: [f64; 17] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84,
    327.68, 655.36,
];

/// Until a connection is open, in seconds.
const CONNECT_BUCKETS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
];

/// Until an answer begins, in seconds.
const FIRST_BYTE_BUCKETS: [f64; 18] = [
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    60.0, 600.0,
];

type Labels = [(&'static str, String); 4];
type Histograms = Family<Labels, Histogram>;

/// The families of series, and the series of each provider.
pub(super) struct RequestSeries {
    durations: Histograms,
    first_bytes: Histograms,
    connects: Histograms,
    attempts: Family<Labels, Counter>,
    tokens: Family<Labels, Counter>,
    providers: RwLock<HashMap<String, Arc<OfProvider>>>,
}

/// The series of one provider.
struct OfProvider {
    name: String,
    /// Few enough to be searched one after the other.
    requests: RwLock<Vec<(Combination, Histogram)>>,
    attempts: RwLock<Vec<(Combination, AttemptSeries)>>,
    tokens: RwLock<Vec<(Combination, [Counter; 3])>>,
}

struct AttemptSeries {
    count: Counter,
    first_byte: Histogram,
    connect: Histogram,
}

/// The kinds of tokens, in the order of a request's counters.
const TOKEN_TYPES: [&str; 3] = ["input", "output", "cached"];

/// The labels beside the provider.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key<'a> {
    operation: &'static str,
    kind: &'static str,
    error: &'a str,
}

struct Combination {
    operation: &'static str,
    kind: &'static str,
    error: String,
}

impl Combination {
    fn of(key: Key<'_>) -> Self {
        Self {
            operation: key.operation,
            kind: key.kind,
            error: key.error.to_owned(),
        }
    }

    fn is(&self, key: Key<'_>) -> bool {
        self.operation == key.operation && self.kind == key.kind && self.error == key.error
    }
}

impl RequestSeries {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let durations = Histograms::new_with_constructor(|| Histogram::new(DURATION_BUCKETS));
        let first_bytes = Histograms::new_with_constructor(|| Histogram::new(FIRST_BYTE_BUCKETS));
        let connects = Histograms::new_with_constructor(|| Histogram::new(CONNECT_BUCKETS));
        let attempts = Family::<Labels, Counter>::default();
        let tokens = Family::<Labels, Counter>::default();
        registry.register_with_unit(
            "gen_ai_server_request_duration",
            "From the acceptance of a request to the end of its answer",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register_with_unit(
            "waypost_upstream_first_byte",
            "From the start of an attempt to the head of the upstream's answer",
            Unit::Seconds,
            first_bytes.clone(),
        );
        registry.register_with_unit(
            "waypost_upstream_connect",
            "For opening a connection to an upstream, name lookup and TLS included, also one that failed",
            Unit::Seconds,
            connects.clone(),
        );
        registry.register(
            "waypost_tokens",
            "Tokens that answers say they used; cached ones are part of the input",
            tokens.clone(),
        );
        registry.register(
            "waypost_upstream_attempts",
            "Attempts to send a request",
            attempts.clone(),
        );
        Self {
            durations,
            first_bytes,
            connects,
            attempts,
            tokens,
            providers: RwLock::default(),
        }
    }

    /// Counts a request that has ended.
    pub(super) fn count(&self, record: &RequestRecord) {
        let operation = record.operation.map_or(OTHER, Operation::name);
        let last = record.attempts.last();
        let key = Key {
            operation,
            kind: last.map_or(NONE, kind),
            error: match &record.outcome {
                Outcome::Answered => class(record.status),
                Outcome::Failed(code) => code,
                Outcome::Cancelled => "cancelled",
            },
        };
        let provider = self.provider(last.and_then(configured).unwrap_or(NONE));
        let duration = record.total.as_secs_f64();
        let make = |key: Key<'_>| {
            let labels = labels(&provider.name, key);
            self.durations.get_or_create_owned(&labels)
        };
        with_series(&provider.requests, key, make, |series| {
            series.observe(duration)
        });
        self.count_tokens(&provider, key, record.usage);
        for attempt in &record.attempts {
            self.count_attempt(operation, attempt);
        }
    }

    /// Counts what the answer says about tokens. What it does not say is unknown, not zero.
    fn count_tokens(&self, provider: &OfProvider, key: Key<'_>, usage: TokenUsage) {
        if usage == TokenUsage::default() {
            return;
        }
        let make = |key: Key<'_>| {
            TOKEN_TYPES.map(|kind| {
                let [operation, name, route, _] = labels(&provider.name, key);
                let labels = [
                    operation,
                    name,
                    route,
                    ("gen_ai_token_type", kind.to_owned()),
                ];
                self.tokens.get_or_create_owned(&labels)
            })
        };
        let counts = [usage.input, usage.output, usage.cached];
        with_series(&provider.tokens, Key { error: "", ..key }, make, |series| {
            for (counter, count) in series.iter().zip(counts) {
                counter.inc_by(count.unwrap_or(0));
            }
        });
    }

    fn count_attempt(&self, operation: &'static str, attempt: &Attempt) {
        let key = Key {
            operation,
            kind: kind(attempt),
            error: match (attempt.status, &attempt.code) {
                (Some(status), _) => class(status),
                (None, Some(code)) => code,
                (None, None) => OTHER,
            },
        };
        let provider = self.provider(configured(attempt).unwrap_or(NONE));
        let make = |key: Key<'_>| {
            let labels = labels(&provider.name, key);
            AttemptSeries {
                count: self.attempts.get_or_create_owned(&labels),
                first_byte: self.first_bytes.get_or_create_owned(&labels),
                connect: self.connects.get_or_create_owned(&labels),
            }
        };
        with_series(&provider.attempts, key, make, |series| {
            series.count.inc();
            if let Some(head) = attempt.head {
                series.first_byte.observe(head.as_secs_f64());
            }
            if let Some(connect) = attempt.connect {
                series.connect.observe(connect.as_secs_f64());
            }
        });
    }

    fn provider(&self, name: &str) -> Arc<OfProvider> {
        let providers = self
            .providers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(provider) = providers.get(name) {
            return Arc::clone(provider);
        }
        let name = match providers.len() < MOST_PROVIDERS {
            true => name,
            false => OTHER,
        };
        drop(providers);
        let mut providers = self
            .providers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let provider = providers.entry(name.to_owned()).or_insert_with(|| {
            Arc::new(OfProvider {
                name: name.to_owned(),
                requests: RwLock::default(),
                attempts: RwLock::default(),
                tokens: RwLock::default(),
            })
        });
        Arc::clone(provider)
    }
}

/// Uses the series of a combination of labels, which are made where there are none.
fn with_series<S>(
    series: &RwLock<Vec<(Combination, S)>>,
    key: Key<'_>,
    make: impl Fn(Key<'_>) -> S,
    apply: impl Fn(&S),
) {
    let known = series.read().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, found)) = known.iter().find(|(combination, _)| combination.is(key)) {
        return apply(found);
    }
    let key = match known.len() < MOST_COMBINATIONS {
        true => key,
        false => Key {
            error: OTHER,
            ..key
        },
    };
    drop(known);
    let mut known = series.write().unwrap_or_else(PoisonError::into_inner);
    // Another request may have made them meanwhile.
    if !known.iter().any(|(combination, _)| combination.is(key)) {
        known.push((Combination::of(key), make(key)));
    }
    let found = known.iter().find(|(combination, _)| combination.is(key));
    if let Some((_, found)) = found {
        apply(found);
    }
}

fn labels(provider: &str, key: Key<'_>) -> Labels {
    [
        ("gen_ai_operation_name", key.operation.to_owned()),
        ("gen_ai_provider_name", provider.to_owned()),
        ("waypost_route_kind", key.kind.to_owned()),
        // Empty, and so absent, where there was no error.
        ("error_type", key.error.to_owned()),
    ]
}

fn kind(attempt: &Attempt) -> &'static str {
    attempt.kind.map_or(NONE, RouteKind::name)
}

/// The provider or source of an attempt. Without an origin it may be a name that a caller made up.
fn configured(attempt: &Attempt) -> Option<&str> {
    attempt.origin.as_ref()?;
    attempt.provider.as_deref()
}

/// What a status says of an error: nothing, or its class.
fn class(status: u16) -> &'static str {
    match status {
        429 => "429",
        400..=499 => "4xx",
        500.. => "5xx",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::prometheus_text::encode;
    use std::time::Duration;

    fn record(provider: &str, outcome: Outcome) -> RequestRecord {
        RequestRecord {
            operation: Some(Operation::Chat),
            model: Some("caller/made/this/up".to_owned()),
            flags: Vec::new(),
            attempts: vec![Attempt {
                kind: Some(RouteKind::Gateway),
                provider: Some(provider.to_owned()),
                origin: Some("https://gw.example".to_owned()),
                status: Some(200),
                head: Some(Duration::from_millis(30)),
                ..Attempt::default()
            }],
            status: 200,
            outcome,
            total: Duration::from_millis(500),
            ..RequestRecord::default()
        }
    }

    fn counted(records: &[RequestRecord]) -> String {
        let mut registry = Registry::default();
        let series = RequestSeries::register(&mut registry);
        for record in records {
            series.count(record);
        }
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn a_request_counts_in_the_series_of_its_labels() {
        let text = counted(&[
            record("gw", Outcome::Answered),
            record("gw", Outcome::Answered),
            record("gw", Outcome::Failed("upstream_closed".to_owned())),
        ]);
        let labels = |error: &str| {
            format!(
                "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"gw\",waypost_route_kind=\"gateway\",error_type=\"{error}\""
            )
        };
        for line in [
            format!(
                "gen_ai_server_request_duration_seconds_count{{{}}} 2",
                labels("")
            ),
            format!(
                "gen_ai_server_request_duration_seconds_sum{{{}}} 1.0",
                labels("")
            ),
            format!(
                "gen_ai_server_request_duration_seconds_count{{{}}} 1",
                labels("upstream_closed")
            ),
            format!("waypost_upstream_attempts_total{{{}}} 3", labels("")),
            format!(
                "waypost_upstream_first_byte_seconds_count{{{}}} 3",
                labels("")
            ),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("made"), "{text}");
    }

    #[test]
    fn tokens_and_connections_are_counted_where_they_are_known() {
        let mut used = record("gw", Outcome::Answered);
        used.attempts[0].connect = Some(Duration::from_millis(3));
        used.usage = TokenUsage {
            input: Some(100),
            output: Some(7),
            cached: None,
        };
        let mut partial = record("gw", Outcome::Failed("upstream_closed".to_owned()));
        partial.usage.input = Some(20);
        let text = counted(&[used, partial, record("quiet", Outcome::Answered)]);
        let labels = |last: &str| {
            format!(
                "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"gw\",waypost_route_kind=\"gateway\",{last}"
            )
        };
        for (kind, count) in [("input", 120), ("output", 7), ("cached", 0)] {
            let labels = labels(&format!("gen_ai_token_type=\"{kind}\""));
            let line = format!("waypost_tokens_total{{{labels}}} {count}");
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let labels = labels("error_type=\"\"");
        let line = format!("waypost_upstream_connect_seconds_count{{{labels}}} 1");
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        let of_quiet = |line: &&str| line.starts_with("waypost_tokens") && line.contains("quiet");
        assert_eq!(text.lines().find(of_quiet), None, "unknown is not zero");
    }

    #[test]
    fn labels_are_bounded() {
        let mut records = Vec::new();
        for number in 0..2 * MOST_PROVIDERS {
            let mut record = record(&format!("p{number}"), Outcome::Answered);
            record.usage.input = Some(1);
            records.push(record);
        }
        for number in 0..2 * MOST_COMBINATIONS {
            records.push(record("p1", Outcome::Failed(format!("code_{number}"))));
        }
        let mut made_up = record("made-up", Outcome::Answered);
        made_up.attempts[0].origin = None;
        records.push(made_up);
        let text = counted(&records);
        let series = text
            .lines()
            .filter(|line| line.starts_with("gen_ai_server_request_duration_seconds_count"));
        assert!(series.count() <= MOST_PROVIDERS + MOST_COMBINATIONS + 2);
        let of_tokens = text
            .lines()
            .filter(|line| line.starts_with("waypost_tokens_total{"));
        assert!(of_tokens.count() <= 3 * (MOST_PROVIDERS + 1));
        assert!(text.contains("gen_ai_provider_name=\"other\""), "{text}");
        assert!(text.contains("error_type=\"other\""), "{text}");
        assert!(!text.contains("made-up"), "{text}");
    }
}
