//! Checks the secrets in the background, so that no request waits for the backend to learn a state.

use crate::store::{Inner, SecretStore};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// The pause after the first check that failed; it doubles with each further one.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause while the backend does not answer. A locked keychain may prompt its owner at
/// each check.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long a start waits for the first check. A keychain needs a fraction of it.
const FIRST_CHECK_LIMIT: Duration = Duration::from_secs(1);

impl SecretStore {
    /// Checks in the background from now on, and waits a moment for the first check, so that a
    /// start with a backend that works shows the right states at once.
    pub async fn start_checks(&self) {
        let (first, done) = oneshot::channel();
        tokio::spawn(run(
            Arc::downgrade(&self.inner),
            Arc::clone(&self.inner.wake),
            first,
        ));
        let _ = tokio::time::timeout(FIRST_CHECK_LIMIT, done).await;
    }
}

/// Checks until the store is dropped.
async fn run(store: Weak<Inner>, wake: Arc<Notify>, first: oneshot::Sender<()>) {
    let mut first = Some(first);
    let mut failures = 0;
    loop {
        let Some(inner) = store.upgrade() else {
            return;
        };
        let store_now = SecretStore::from(inner);
        store_now.check().await;
        let settled = store_now.is_settled();
        let interval = store_now.inner.backend.check_interval();
        drop(store_now);
        if let Some(first) = first.take() {
            let _ = first.send(());
        }
        failures = if settled { 0 } else { failures + 1 };
        let pause = pause_after(failures, interval);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // While the backend fails, edits that fail with it must not undo the backoff.
            () = wake.notified(), if failures <= 1 => {}
        }
    }
}

/// The pause after so many failed checks in a row.
fn pause_after(failures: u32, interval: Duration) -> Duration {
    match failures.checked_sub(1) {
        None => interval,
        Some(doublings) => {
            let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
            SHORTEST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_that_does_not_answer_is_asked_less_and_less() {
        let pauses: Vec<u64> = (0..9)
            .map(|failures| pause_after(failures, Duration::from_secs(30)).as_secs())
            .collect();
        assert_eq!(pauses, [30, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause_after(u32::MAX, Duration::ZERO), LONGEST_PAUSE);
    }
}
