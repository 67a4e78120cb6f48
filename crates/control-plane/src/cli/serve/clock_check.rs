//! The system clock: links, sessions, tokens and certificates depend on it.

use crate::cli::Failure;
use crate::store::{AuditFilter, Store, StoreError};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use waypost_system::clock;

/// Before this time, 2026-01-01, no Waypost has run: a clock without a battery begins in 1970.
const EARLIEST: i64 = 1_767_225_600;

/// How far the clock may be off without a word, in seconds. Sessions end from there on.
const SLACK: i64 = 5 * 60;

/// How often the clock is compared with the time that has passed.
const INTERVAL: Duration = Duration::from_secs(10);

/// Refuses to start where the clock cannot be right.
///
/// # Errors
/// A time before any Waypost.
pub(super) fn refuse_impossible(now: i64) -> Result<(), Failure> {
    if now >= EARLIEST {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the system clock says {}, which is in the past. Set it, for example with `timedatectl \
         set-ntp true`, because sign-in, tokens and certificates depend on it",
        shown(now)
    )))
}

/// Warns where the clock is behind what the workspace has recorded.
pub(super) async fn warn_of_earlier(store: &dyn Store, now: i64) -> Result<(), StoreError> {
    if let Some(message) = earlier(store, now).await? {
        tracing::warn!("{message}");
    }
    Ok(())
}

async fn earlier(store: &dyn Store, now: i64) -> Result<Option<String>, StoreError> {
    let (latest, _) = store.audit(&AuditFilter::default(), 1).await?;
    let latest = latest.into_iter().next();
    Ok(latest.and_then(|event| behind(event.at, now)))
}

/// The message for a clock that is behind the last change.
fn behind(latest: i64, now: i64) -> Option<String> {
    (latest - now > SLACK).then(|| {
        format!(
            "the system clock says {}, and the last change of this workspace was at {}; set the \
             clock, or sign in again and expect times in Activity to be out of order",
            shown(now),
            shown(latest)
        )
    })
}

/// Warns whenever the clock jumps.
pub(super) async fn watch() {
    let mut last = (clock::now(), Instant::now());
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now = (clock::now(), Instant::now());
        let passed = now.1.duration_since(last.1).as_secs();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        if let Some(message) = jump(last.0, now.0, passed) {
            tracing::warn!("{message}");
        }
        last = now;
    }
}

/// The message for a clock that moved otherwise than the time that passed, all in seconds.
fn jump(before: i64, now: i64, passed: i64) -> Option<String> {
    let off = now - before - passed;
    let minutes = off.abs() / 60;
    if off < -SLACK {
        return Some(format!(
            "the system clock was set back by {minutes} min, which ends every session; check its \
             time synchronisation, then sign in again"
        ));
    }
    (off > SLACK).then(|| {
        format!(
            "the system clock jumped ahead by {minutes} min, so links, sessions and tokens expire \
             earlier; check its time synchronisation unless the machine was asleep"
        )
    })
}

fn shown(at: i64) -> String {
    Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Actor;

    #[test]
    fn a_clock_before_any_waypost_is_refused() {
        assert!(refuse_impossible(EARLIEST).is_ok());
        let message = refuse_impossible(0).unwrap_err().to_string();
        assert!(
            message
                .starts_with("the system clock says 1970-01-01T00:00:00Z, which is in the past."),
            "{message}"
        );
        assert!(message.contains("timedatectl"), "{message}");
    }

    #[test]
    fn a_clock_behind_the_last_change_is_a_warning() {
        assert_eq!(behind(1_800_000_000, 1_800_000_000 - SLACK), None);
        let message = behind(1_800_000_000, 1_800_000_000 - SLACK - 1).unwrap();
        assert!(message.contains("2027-01-15T08:00:00Z"), "{message}");
    }

    #[test]
    fn a_jump_differs_from_the_time_that_passes() {
        for (before, now, passed) in [(100, 110, 10), (100, 90, 10), (100, 400, 10), (0, 900, 900)]
        {
            assert_eq!(jump(before, now, passed), None, "{before} {now}");
        }
        let back = jump(10_000, 3_000, 10).unwrap();
        assert!(back.contains("set back by 116 min"), "{back}");
        let ahead = jump(0, 7_210, 10).unwrap();
        assert!(ahead.contains("jumped ahead by 120 min"), "{ahead}");
    }

    #[tokio::test]
    async fn a_workspace_from_the_future_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::store::sqlite::open(folder.path()).await.unwrap();
        assert_eq!(earlier(&store, 0).await.unwrap(), None);
        let mut transaction = store.begin().await.unwrap();
        let system = Actor::system();
        let recorded = transaction.record(&system, "test", "clock", &[]);
        recorded.await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(earlier(&store, clock::now()).await.unwrap(), None);
        assert!(earlier(&store, EARLIEST).await.unwrap().is_some());
    }
}
