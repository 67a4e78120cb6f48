//! Shares the reading of a value that is under way with every request that needs it.

use super::DomainError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;
use waypost_secrets::SecretText;

type Read = Result<Option<SecretText>, DomainError>;
type Readings = HashMap<ReadKey, Arc<OnceCell<Read>>>;

/// What is read.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct ReadKey {
    pub(super) name: String,
    pub(super) origin: String,
    /// [`waypost_secrets::StoredSecret::value_id`].
    pub(super) value_id: String,
}

/// The readings that are under way.
#[derive(Default)]
pub(super) struct SharedReads(Mutex<Readings>);

impl SharedReads {
    /// Reads, or waits for the reading that is under way. If its caller leaves, another one that waits
    /// goes on in its place.
    pub(super) async fn read(&self, key: ReadKey, read: impl Future<Output = Read>) -> Read {
        let cell = Arc::clone(self.readings().entry(key.clone()).or_default());
        let result = cell.get_or_init(|| read).await.clone();
        let mut readings = self.readings();
        if readings.get(&key).is_some_and(|it| Arc::ptr_eq(it, &cell)) {
            readings.remove(&key);
        }
        result
    }

    fn readings(&self) -> std::sync::MutexGuard<'_, Readings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::Notify;

    fn key() -> ReadKey {
        ReadKey {
            name: "gw/api-key".to_owned(),
            origin: "https://gw.example".to_owned(),
            value_id: "one".to_owned(),
        }
    }

    fn text(read: Read) -> String {
        read.unwrap().unwrap().expose().to_owned()
    }

    #[tokio::test]
    async fn who_waits_gets_the_result_of_the_reading_under_way() {
        let (reads, count, go) = (SharedReads::default(), AtomicUsize::new(0), Notify::new());
        let read = || async {
            count.fetch_add(1, Ordering::SeqCst);
            go.notified().await;
            Ok(Some(SecretText::new("sk-1".to_owned())))
        };
        let release = async { go.notify_one() };
        let (one, other, ()) = tokio::join!(
            reads.read(key(), read()),
            reads.read(key(), read()),
            release
        );
        assert_eq!((text(one).as_str(), text(other).as_str()), ("sk-1", "sk-1"));
        assert_eq!(count.load(Ordering::SeqCst), 1);
        // The next one reads again.
        go.notify_one();
        assert_eq!(text(reads.read(key(), read()).await), "sk-1");
        assert_eq!(count.load(Ordering::SeqCst), 2);
        assert!(reads.readings().is_empty());
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_take_the_reading_with_it() {
        let (reads, go) = (SharedReads::default(), Notify::new());
        let read = || async {
            go.notified().await;
            Ok(Some(SecretText::new("sk-1".to_owned())))
        };
        let leaving = async {
            let read = reads.read(key(), std::future::pending());
            tokio::select! {
                _ = read => {}
                () = tokio::task::yield_now() => {}
            }
            go.notify_one();
        };
        let (found, ()) = tokio::join!(async { reads.read(key(), read()).await }, leaving);
        assert_eq!(text(found), "sk-1");
    }
}
