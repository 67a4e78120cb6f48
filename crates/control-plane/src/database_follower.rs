//! Keeps rows that are held in memory up to date with the database.

use crate::store::StoreError;
use std::time::Duration;

/// How often the database is read again.
const REFRESH: Duration = Duration::from_secs(1);
/// How often uses are written, in refreshes.
const WRITE_EVERY: u32 = 30;
/// A use is written once it is so many seconds later than the one before.
pub(crate) const WRITE_SECONDS: i64 = 60;

/// Reads rows again every second and writes from time to time when they were last used, until it is
/// cancelled. `rows` names them in the log.
pub(crate) async fn follow<R, U>(
    rows: &'static str,
    refresh: impl Fn() -> R,
    record_uses: impl Fn() -> U,
) where
    R: Future<Output = Result<(), StoreError>>,
    U: Future<Output = Result<(), StoreError>>,
{
    let mut failed = false;
    let mut turn = 0_u32;
    loop {
        tokio::time::sleep(REFRESH).await;
        turn = turn.wrapping_add(1);
        let mut result = refresh().await;
        if result.is_ok() && turn.is_multiple_of(WRITE_EVERY) {
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
        let following = follow("sessions", refresh, record_uses);
        assert!(tokio::time::timeout(minute, following).await.is_err());
        assert_eq!((reads.get(), writes.get()), (60, 2));
    }
}
