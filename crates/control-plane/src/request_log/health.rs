//! Whether the log works, and how many records were dropped.

use crate::store::{StoreError, StoreErrorKind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

#[derive(Default)]
pub(super) struct Health {
    dropped: AtomicU64,
    failure: RwLock<Option<String>>,
}

impl Health {
    pub(super) fn add_dropped(&self, records: u64) {
        self.dropped.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// What is wrong, for a person; `None` while the log works.
    pub(super) fn failure(&self) -> Option<String> {
        let failure = self.failure.read();
        failure.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a failure to write. Only the first of an outage is logged.
    pub(super) fn note_failure(&self, error: &StoreError) {
        let before = self.replace(Some(explain(error)));
        if before.is_none() {
            tracing::warn!(%error, "cannot write the request log");
        }
    }

    /// Notes that writing works.
    pub(super) fn note_success(&self) {
        // Looked at first, since this is asked of every batch.
        if self.failure().is_some() {
            self.replace(None);
            let dropped = self.dropped();
            tracing::info!(dropped, "the request log can be written again");
        }
    }

    fn replace(&self, failure: Option<String>) -> Option<String> {
        let place = self.failure.write();
        let mut place = place.unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, failure)
    }
}

/// A failure of the log in words, with what to do.
pub(super) fn explain(error: &StoreError) -> String {
    match error.kind() {
        StoreErrorKind::DiskFull => {
            "The request log's disk is full. Requests are forwarded and not recorded. Free some space; recording then resumes without a restart.".to_owned()
        }
        StoreErrorKind::Damaged => {
            "The request log is damaged. The next request that is recorded puts the file aside and begins a new one.".to_owned()
        }
        StoreErrorKind::Newer => {
            "Another version of Waypost wrote the request log. Requests are forwarded and not recorded. Start that version, or remove requests.db from the data directory.".to_owned()
        }
        _ => format!("Requests are forwarded and may not be recorded: {error}."),
    }
}
