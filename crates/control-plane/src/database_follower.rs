//! Keeps rows that are held in memory up to date with the database.

use crate::store::StoreError;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often the database is read again.
const REFRESH: Duration = Duration::from_secs(1);
/// How often uses are written, in refreshes.
const WRITE_EVERY: u32 = 30;
/// A use is written once it is so many seconds later than the one before.
pub(crate) const WRITE_SECONDS: i64 = 60;

/// Waits until the database reports a commit of another process, which it may never do.
pub(crate) async fn notified(changes: &mut watch::Receiver<u64>) {
    if changes.changed().await.is_err() {
        std::future::pending().await
    }
}

/// Reads rows again every second and when the database reports a change, and writes from time to time
/// when they were last used, until it is cancelled. `rows` names them in the log.
pub(crate) async fn follow<R, U>(
    rows: &'static str,
    mut changes: watch::Receiver<u64>,
    refresh: impl Fn() -> R,
    record_uses: impl Fn() -> U,
) where
    R: Future<Output = Result<(), StoreError>>,
    U: Future<Output = Result<(), StoreError>>,
{
    let mut failed = false;
    let mut turn = 0_u32;
    let mut seconds = interval_at(Instant::now() + REFRESH, REFRESH);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let is_due = tokio::select! {
            _ = seconds.tick() => {
                turn = turn.wrapping_add(1);
                turn.is_multiple_of(WRITE_EVERY)
            }
            () = notified(&mut changes) => false,
        };
        let mut result = refresh().await;
        if result.is_ok() && is_due {
            result = record_uses().await;
        }
        // One line for an outage, not one a second.
        if let Err(error) = &result
            && !failed
        {
            tracing::warn!(rows, %error, "cannot poll the database");
        }
        failed = result.is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;
    use std::cell::Cell;

    #[tokio::test(start_paused = true)]
    async fn rows_are_read_every_second_and_uses_written_every_thirty_also_after_a_failure() {
        let (reads, writes) = (Cell::new(0), Cell::new(0));
        let refresh = || async {
            reads.set(reads.get() + 1);
            match reads.get() {
                1 => Err(StoreError::of_kind(StoreErrorKind::Busy)),
                _ => Ok(()),
            }
        };
        let record_uses = || async {
            writes.set(writes.get() + 1);
            Ok(())
        };
        let minute = Duration::from_millis(60_500);
        let silent = watch::Sender::new(0);
        let following = follow("sessions", silent.subscribe(), refresh, record_uses);
        assert!(tokio::time::timeout(minute, following).await.is_err());
        assert_eq!((reads.get(), writes.get()), (60, 2));
    }

    #[tokio::test(start_paused = true)]
    async fn rows_are_read_as_soon_as_the_database_reports_a_change() {
        let read_at = Cell::new(None);
        let begun = Instant::now();
        let refresh = || async {
            read_at.set(read_at.get().or(Some(begun.elapsed())));
            Ok(())
        };
        let notified = watch::Sender::new(0);
        let changes = notified.subscribe();
        notified.send_modify(|count| *count += 1);
        let following = follow("sessions", changes, refresh, || async { Ok(()) });
        let limit = Duration::from_millis(500);
        assert!(tokio::time::timeout(limit, following).await.is_err());
        assert_eq!(read_at.get(), Some(Duration::ZERO));
    }
}
