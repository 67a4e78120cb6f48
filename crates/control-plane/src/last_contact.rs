//! When the database was last read.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The time of the last complete reading. It is read without a lock.
pub(crate) struct LastContact {
    start: Instant,
    /// From `start` to the beginning of the reading, in nanoseconds.
    nanoseconds: AtomicU64,
}

impl LastContact {
    /// A reading that ends now.
    pub(crate) fn now() -> Self {
        Self {
            start: Instant::now(),
            nanoseconds: AtomicU64::new(0),
        }
    }

    /// Notes a reading that has succeeded. What is written after it began may not be in it.
    pub(crate) fn note(&self, begun: Instant) {
        let since = begun.saturating_duration_since(self.start).as_nanos();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_max(since, Ordering::Relaxed);
    }

    /// How long ago the last reading began.
    pub(crate) fn age(&self) -> Duration {
        let last = Duration::from_nanos(self.nanoseconds.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_age_counts_from_the_beginning_of_the_last_reading() {
        let contact = LastContact::now();
        let second = Duration::from_secs(1);
        tokio::time::advance(3 * second).await;
        let begun = Instant::now();
        tokio::time::advance(second).await;
        assert_eq!(contact.age(), 4 * second);
        contact.note(begun);
        assert_eq!(contact.age(), second);
        // One that ends later although it began earlier says nothing new.
        contact.note(begun.checked_sub(second).unwrap());
        assert_eq!(contact.age(), second);
    }
}
