//! Whether the database answers, asked at most once a second however many probes there are.

use crate::store::{Store, StoreError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long a probe waits for the database. The probes of orchestrators give up after a second.
const PATIENCE: Duration = Duration::from_millis(500);

/// For how long an answer counts.
const FRESH: Duration = Duration::from_secs(1);

/// What the database did when it was last asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DatabaseState {
    /// It could be read.
    pub(super) is_read: bool,
    /// It could be written, as far as is known.
    pub(super) is_written: bool,
}

/// Asks the database. Probes that come at the same time share the answer, since anyone may send them.
#[derive(Default)]
pub(super) struct DatabaseProbe(Mutex<Option<(Instant, DatabaseState)>>);

impl DatabaseProbe {
    pub(super) async fn database(&self, store: &dyn Store) -> DatabaseState {
        let mut last = self.0.lock().await;
        if let Some((at, state)) = *last
            && at.elapsed() < FRESH
        {
            return state;
        }
        let read = timeout(PATIENCE, store.generation());
        let written = timeout(PATIENCE, store.writable());
        let (read, written) = tokio::join!(read, written);
        let state = DatabaseState {
            is_read: matches!(read, Ok(Ok(_))),
            is_written: matches!(written, Ok(Ok(()))),
        };
        let before = last.map(|(_, state)| state);
        let failed = |is_so: bool, was_so: Option<bool>| !is_so && was_so != Some(false);
        if failed(state.is_read, before.map(|it| it.is_read)) {
            tracing::error!(
                error = reason(read.map(|it| it.err())),
                "cannot read the database"
            );
        }
        if failed(state.is_written, before.map(|it| it.is_written)) {
            let error = reason(written.map(|it| it.err()));
            tracing::error!(error, "cannot write the database");
        }
        *last = Some((Instant::now(), state));
        state
    }
}

fn reason<E>(outcome: Result<Option<StoreError>, E>) -> String {
    match outcome {
        Ok(error) => error.map(|error| error.to_string()).unwrap_or_default(),
        Err(_) => "it did not answer in time".to_owned(),
    }
}
