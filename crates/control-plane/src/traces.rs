//! Traces of forwarded requests, sent to an OpenTelemetry collector.
//!
//! Off unless the environment names a collector. Each request is a span, with a child for each attempt, in
//! OTLP's JSON encoding over HTTP; names are those of the GenAI conventions where one fits. A span has no
//! prompt, no answer, no header and no credential.

mod settings;
mod span;

pub use settings::TraceSettings;

use bytes::Bytes;
use http::{HeaderValue, Method, header};
use serde_json::Value;
use span::RequestSpans;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};
use waypost_egress::{Access, Egress, OutgoingRequest, PoolLimits, RequestBody, UpstreamPool};
use waypost_forwarding::{RecordSink, RequestRecord};
use waypost_routing::handle::RoutingHandle;
use waypost_routing::routing_table::RoutingTable;

/// Requests whose spans wait to be sent. Beyond them, new ones are dropped.
const QUEUE: usize = 2048;

/// Requests whose spans are sent at once.
const BATCH: usize = 256;

/// How long a span waits for others before it is sent.
const DELAY: Duration = Duration::from_secs(1);

/// How long one request to the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long spans may still be sent once the process stops.
const CLOSE: Duration = Duration::from_secs(5);

/// Sends spans in the background.
pub struct Traces {
    spans: mpsc::Sender<RequestSpans>,
    dropped: Arc<AtomicU64>,
    closing: Arc<Notify>,
    exporting: Mutex<Option<JoinHandle<()>>>,
}

impl Traces {
    /// Starts to send spans to the collector of these settings.
    #[must_use]
    pub fn start(settings: TraceSettings, egress: &Egress) -> Self {
        let (spans, queue) = mpsc::channel(QUEUE);
        let closing = Arc::new(Notify::new());
        let dropped: Arc<AtomicU64> = Arc::default();
        let exporter = Exporter {
            dropped: Arc::clone(&dropped),
            pool: egress.upstream_pool(PoolLimits::default()),
            settings,
            has_failed: false,
            logged: 0,
        };
        Self {
            spans,
            dropped,
            exporting: Mutex::new(Some(tokio::spawn(
                exporter.run(queue, Arc::clone(&closing)),
            ))),
            closing,
        }
    }

    /// A sink that makes a span of each record before it hands it on.
    pub(crate) fn tracing(
        &self,
        table: Arc<RoutingHandle>,
        next: Arc<dyn RecordSink>,
    ) -> Arc<dyn RecordSink> {
        Arc::new(Tracing {
            spans: self.spans.clone(),
            dropped: Arc::clone(&self.dropped),
            table,
            next,
        })
    }

    /// How many spans the collector did not take since the process started.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Sends what is left, and stops.
    pub async fn close(&self) {
        self.closing.notify_one();
        let exporting = {
            let mut exporting = self
                .exporting
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            exporting.take()
        };
        if let Some(exporting) = exporting {
            let _ = timeout(CLOSE, exporting).await;
        }
    }
}

struct Tracing {
    spans: mpsc::Sender<RequestSpans>,
    dropped: Arc<AtomicU64>,
    table: Arc<RoutingHandle>,
    next: Arc<dyn RecordSink>,
}

impl RecordSink for Tracing {
    fn record(&self, record: RequestRecord) {
        // Anyone can send requests without a valid token, as many as they like. A caller that does not
        // record its trace has no use for a part of it.
        let is_sampled = record.trace.is_none_or(|trace| trace.is_sampled);
        if !record.token.is_empty() && is_sampled {
            let spans = RequestSpans::of(&record, is_configured(&self.table.load(), &record));
            let count = spans.count();
            // A collector that is slow or down delays no request.
            if self.spans.try_send(spans).is_err() {
                self.dropped.fetch_add(count, Ordering::Relaxed);
            }
        }
        self.next.record(record);
    }
}

/// Whether the model of a request is one that its agent's document names. Any other is a caller's own
/// text.
fn is_configured(table: &RoutingTable, record: &RequestRecord) -> bool {
    let (Some(agent), Some(model)) = (table.agent(&record.agent), &record.model) else {
        return false;
    };
    let model = model.split("::subagent::").next().unwrap_or(model);
    let subagents = agent.subagents.values().map(|subagent| &subagent.model);
    let mut models = std::iter::once(&agent.model).chain(subagents);
    models.any(|named| {
        let primary = named
            .primary_ref()
            .is_some_and(|primary| *primary == *model);
        primary
            || named
                .fallback_ref()
                .is_some_and(|fallback| *fallback == *model)
    })
}

struct Exporter {
    dropped: Arc<AtomicU64>,
    pool: UpstreamPool,
    settings: TraceSettings,
    has_failed: bool,
    /// How many dropped spans the log knows of.
    logged: u64,
}

impl Exporter {
    async fn run(mut self, mut queue: mpsc::Receiver<RequestSpans>, closing: Arc<Notify>) {
        let mut is_closing = false;
        while !is_closing {
            let mut batch = Vec::new();
            tokio::select! {
                received = queue.recv_many(&mut batch, BATCH) => is_closing = received == 0,
                () = closing.notified() => is_closing = true,
            }
            let end = Instant::now() + DELAY;
            while !is_closing && batch.len() < BATCH {
                let room = BATCH - batch.len();
                tokio::select! {
                    received = timeout_at(end, queue.recv_many(&mut batch, room)) => match received {
                        Ok(0) => is_closing = true,
                        Ok(_) => {}
                        Err(_) => break,
                    },
                    () = closing.notified() => is_closing = true,
                }
            }
            self.send(&batch).await;
            while is_closing && let Ok(span) = queue.try_recv() {
                batch.clear();
                batch.push(span);
                while batch.len() < BATCH
                    && let Ok(span) = queue.try_recv()
                {
                    batch.push(span);
                }
                self.send(&batch).await;
            }
        }
    }

    async fn send(&mut self, batch: &[RequestSpans]) {
        if batch.is_empty() {
            return;
        }
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > self.logged {
            let spans = dropped - self.logged;
            tracing::warn!(spans, "dropped traces: the collector is too slow");
        }
        let sent = timeout(PATIENCE, self.post(&span::document(&self.settings, batch))).await;
        let failure = match sent {
            Ok(Ok(status)) if (200..300).contains(&status) => None,
            Ok(Ok(status)) => Some(format!("it answered {status}")),
            Ok(Err(message)) => Some(message),
            Err(_) => Some("it did not answer in time".to_owned()),
        };
        let spans = batch.iter().map(RequestSpans::count).sum();
        if failure.is_some() {
            self.dropped.fetch_add(spans, Ordering::Relaxed);
        }
        // One line for an outage, not one a second.
        if let Some(reason) = &failure
            && !self.has_failed
        {
            tracing::warn!(spans, reason, "cannot send traces to the collector");
        }
        self.logged = dropped + if failure.is_some() { spans } else { 0 };
        self.has_failed = failure.is_some();
    }

    async fn post(&self, document: &Value) -> Result<u16, String> {
        let mut headers = self.settings.headers.clone();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        let body = Bytes::from(document.to_string());
        let request = OutgoingRequest {
            method: Method::POST,
            path_and_query: self.settings.path.clone(),
            headers,
            body: RequestBody::new([body, Bytes::new(), Bytes::new()]),
        };
        // The operator, who sets the environment, may name a private address.
        let access = Access::new(true);
        let sent = self
            .pool
            .send(&self.settings.endpoint, access, request)
            .await;
        sent.map(|answer| answer.status().as_u16())
            .map_err(|failure| failure.message)
    }
}
