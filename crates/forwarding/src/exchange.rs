//! One request from acceptance to the end of its answer.

use crate::record::{Outcome, RecordSink, RequestRecord};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What is known of a request so far. Recorded when it is dropped, however the request ends.
pub(crate) struct Exchange {
    record: Option<RequestRecord>,
    sink: Arc<dyn RecordSink>,
    /// When the request was accepted.
    pub(crate) accepted: Instant,
}

impl Exchange {
    pub(crate) fn begin(id: String, sink: Arc<dyn RecordSink>) -> Self {
        Self {
            record: Some(RequestRecord {
                id,
                agent: String::new(),
                token: String::new(),
                operation: "",
                model: None,
                attempts: Vec::new(),
                fallback: None,
                status: 0,
                outcome: Outcome::Cancelled,
                bytes_in: 0,
                bytes_out: 0,
                total: Duration::ZERO,
            }),
            sink,
            accepted: Instant::now(),
        }
    }

    pub(crate) fn record(&mut self) -> &mut RequestRecord {
        self.record.as_mut().expect("it is taken by drop alone")
    }

    pub(crate) fn id(&self) -> &str {
        self.record.as_ref().map_or("", |record| &record.id)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            record.total = self.accepted.elapsed();
            if std::thread::panicking() {
                record.status = 500;
                record.outcome = Outcome::Failed("internal".to_owned());
            }
            self.sink.record(record);
        }
    }
}
