//! Metrics of forwarding, in Prometheus' text format.
//!
//! Names are those of OpenTelemetry's GenAI conventions where one fits, and begin with `waypost_`
//! otherwise. Labels are bounded: a provider is one that is configured, an error one of Waypost's codes
//! or a class of statuses. Nothing that a caller writes becomes a label.

mod request_series;

use crate::workspace::Workspace;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use request_series::RequestSeries;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use waypost_forwarding::{Forwarding, Load, RecordSink, RequestRecord};
use waypost_system::clock;

/// A number of seconds.
type Seconds = Gauge<f64, AtomicU64>;

/// The media type of the text.
pub(crate) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The metrics of one process. Clones share them.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: RequestSeries,
    gauges: Gauges,
    dropped_records: Counter,
    dropped_spans: Counter,
}

/// What is looked at when the text is asked for.
#[derive(Default)]
struct Gauges {
    running: Gauge,
    buffered_bytes: Gauge,
    connections: Gauge,
    configuration_age: Seconds,
    cached_credentials: Gauge,
    oldest_credential: Seconds,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        let requests = RequestSeries::register(&mut registry);
        let gauges = Gauges::register(&mut registry);
        let dropped_records = Counter::default();
        registry.register(
            "waypost_request_records_dropped",
            "Records of requests that were dropped because the log could not take them",
            dropped_records.clone(),
        );
        let dropped_spans = Counter::default();
        registry.register(
            "waypost_trace_spans_dropped",
            "Spans that the collector did not take: it is too slow, down, or refuses them",
            dropped_spans.clone(),
        );
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("waypost_build", "The version of Waypost", version);
        let started = Seconds::default();
        started.set(clock::now() as f64);
        registry.register_with_unit(
            "process_start_time",
            "When the process started, since the epoch",
            Unit::Seconds,
            started,
        );
        Self(Arc::new(Inner {
            registry,
            requests,
            gauges,
            dropped_records,
            dropped_spans,
        }))
    }

    /// All metrics, with what is under way at this moment.
    pub(crate) fn text(
        &self,
        workspace: &Workspace,
        forwarding: Option<&Forwarding>,
        dropped_records: u64,
        dropped_spans: u64,
    ) -> String {
        let load = forwarding.map(Forwarding::load).unwrap_or_default();
        self.0.gauges.set(workspace, load);
        for (counter, count) in [
            (&self.0.dropped_records, dropped_records),
            (&self.0.dropped_spans, dropped_spans),
        ] {
            counter.inc_by(count.saturating_sub(counter.get()));
        }
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.0.registry).expect("a text takes every write");
        text
    }

    /// A sink that counts each record before it hands it on.
    pub(crate) fn counting(&self, next: Arc<dyn RecordSink>) -> Arc<dyn RecordSink> {
        Arc::new(Counting {
            metrics: self.clone(),
            next,
        })
    }
}

impl Gauges {
    fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        registry.register(
            "waypost_requests_running",
            "Forwarded requests under way",
            gauges.running.clone(),
        );
        registry.register_with_unit(
            "waypost_request_bodies_buffered",
            "Request bodies that wait for an answer",
            Unit::Bytes,
            gauges.buffered_bytes.clone(),
        );
        registry.register(
            "waypost_upstream_connections",
            "Connections to upstreams, in use or kept",
            gauges.connections.clone(),
        );
        registry.register_with_unit(
            "waypost_configuration_age",
            "Time since the last contact with the database",
            Unit::Seconds,
            gauges.configuration_age.clone(),
        );
        registry.register(
            "waypost_credentials_cached",
            "Keys in memory",
            gauges.cached_credentials.clone(),
        );
        registry.register_with_unit(
            "waypost_credentials_unread_age",
            "Age of the oldest key in memory that could not be read again; zero while the secrets backend answers",
            Unit::Seconds,
            gauges.oldest_credential.clone(),
        );
        gauges
    }

    fn set(&self, workspace: &Workspace, load: Load) {
        self.running.set(count(load.requests));
        self.buffered_bytes.set(count(load.buffered_bytes));
        self.connections.set(count(load.connections));
        let age = workspace.configuration_age();
        self.configuration_age.set(age.as_secs_f64());
        let cached = workspace.cached_credentials();
        self.cached_credentials.set(count(cached.count));
        let oldest = cached.oldest_unread.as_secs_f64();
        self.oldest_credential.set(oldest);
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

struct Counting {
    metrics: Metrics,
    next: Arc<dyn RecordSink>,
}

impl RecordSink for Counting {
    fn record(&self, record: RequestRecord) {
        self.metrics.0.requests.count(&record);
        self.next.record(record);
    }
}
