//! The request log: takes records of forwarded requests without waiting, writes them in batches, and
//! reads them.
//!
//! Records pass through a bounded queue. When it is full they are dropped and counted: a slow or full
//! disk costs records and never a request. What is stored is in a file apart from the workspace's
//! database.

mod conversion;
mod deletion;
mod health;
mod log_line;
mod reading;
mod route_now;
mod stream_places;
mod tail;
mod views;
mod writer;

pub use reading::{CannotRead, RequestsQuery};
pub use stream_places::StreamPlace;
pub use tail::{Followed, Follower};

use crate::store::{self, Retention};
use health::Health;
use std::sync::{Arc, Mutex, PoisonError};
use stream_places::StreamPlaces;
use tail::Tail;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use waypost_api_types::{RequestLogState, RequestLogStatus};
use waypost_forwarding::{RecordSink, RequestRecord};
use waypost_system::clock;

/// How many records wait to be written at most.
const QUEUE: usize = 8_192;

/// How many requests without a valid token are recorded in a minute. Anyone can send them, and they
/// must not push the others out of the log.
const WITHOUT_TOKEN: u32 = 30;

/// What a log whose writer ended early says.
const STOPPED: &str = "A bug stopped the request log. Requests are forwarded and not recorded. Restart Waypost, and report what its log says.";

/// The request log. Clones share it.
#[derive(Clone)]
pub struct RequestLog(Arc<Inner>);

struct Inner {
    /// `None` if requests are not recorded.
    store: Option<Arc<dyn store::RequestLog>>,
    keep: Retention,
    queue: mpsc::Sender<RequestRecord>,
    health: Arc<Health>,
    /// Counts the batches that were written.
    written: watch::Sender<u64>,
    /// What waits is to be written for the last time.
    closing: watch::Sender<bool>,
    writer: Mutex<Option<JoinHandle<()>>>,
    without_token: Mutex<PerMinute>,
    streams: StreamPlaces,
    tail: Tail,
}

/// What was let pass in the current minute.
#[derive(Default)]
struct PerMinute {
    minute: i64,
    passed: u32,
}

impl PerMinute {
    fn lets_pass(&mut self, now: i64) -> bool {
        let minute = now.div_euclid(60);
        if minute != self.minute {
            *self = Self { minute, passed: 0 };
        }
        self.passed = self.passed.saturating_add(1);
        self.passed <= WITHOUT_TOKEN
    }
}

impl RequestLog {
    /// A log that writes to a store from now on. It needs the runtime.
    #[must_use]
    pub fn start(store: Arc<dyn store::RequestLog>, keep: Retention) -> Self {
        Self::with(Some(store), keep, QUEUE)
    }

    /// A log that records nothing but a line of the process's own log.
    #[must_use]
    pub fn off() -> Self {
        Self::with(None, Retention::default(), 1)
    }

    fn with(store: Option<Arc<dyn store::RequestLog>>, keep: Retention, capacity: usize) -> Self {
        let (queue, records) = mpsc::channel(capacity);
        let health = Arc::<Health>::default();
        let written = watch::Sender::new(0);
        let closing = watch::Sender::new(false);
        let writer = store.clone().map(|store| {
            let writer = writer::Writer {
                store,
                keep,
                health: Arc::clone(&health),
                written: written.clone(),
                closing: closing.subscribe(),
            };
            tokio::spawn(writer.run(records))
        });
        Self(Arc::new(Inner {
            store,
            keep,
            queue,
            health,
            written,
            closing,
            writer: Mutex::new(writer),
            without_token: Mutex::default(),
            streams: StreamPlaces::default(),
            tail: Tail::default(),
        }))
    }

    /// How many records were dropped since the process started.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.health.dropped()
    }

    /// Whether requests are being recorded.
    #[must_use]
    pub fn status(&self) -> RequestLogStatus {
        let message = match self.0.queue.is_closed() && !*self.0.closing.borrow() {
            true if self.0.store.is_some() => Some(STOPPED.to_owned()),
            _ => self.0.health.failure(),
        };
        RequestLogStatus {
            state: match (&self.0.store, &message) {
                (None, _) => RequestLogState::Off,
                (Some(_), None) => RequestLogState::Ok,
                (Some(_), Some(_)) => RequestLogState::Failing,
            },
            message,
            dropped: self.dropped(),
            keep_days: self.0.keep.days,
            keep_records: self.0.keep.records,
        }
    }

    /// Notified when records were written.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.written.subscribe()
    }

    /// Follows the log from the record after this number, or from the next one. However many follow it,
    /// its end is read once.
    #[must_use]
    pub fn follow(&self, after: Option<i64>) -> Follower {
        self.0.tail.follow(self, after)
    }

    /// A place for a live stream of a caller, given back when it is dropped; `None` if there are too many.
    #[must_use]
    pub fn stream_place(&self, caller: &str) -> Option<StreamPlace> {
        self.0.streams.take(caller)
    }

    /// Writes what waits, and closes the log.
    pub async fn close(&self) {
        self.0.closing.send_replace(true);
        let writer = self.writer().take();
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::warn!(error = %crate::panics::bad_end(&error), "the request log ended early");
        }
        if let Some(store) = &self.0.store {
            store.close().await;
        }
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordSink for RequestLog {
    fn record(&self, record: RequestRecord) {
        log_line::write(&record, self.0.store.is_some());
        if self.0.store.is_none() {
            return;
        }
        if record.token.is_empty() {
            let without_token = self.0.without_token.lock();
            let mut without_token = without_token.unwrap_or_else(PoisonError::into_inner);
            if !without_token.lets_pass(clock::now()) {
                return;
            }
        }
        if self.0.queue.try_send(record).is_err() {
            self.0.health.add_dropped(1);
        }
    }
}

#[cfg(test)]
mod tests;
