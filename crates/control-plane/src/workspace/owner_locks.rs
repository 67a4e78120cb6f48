//! One change at a time per provider or source, where a change has to write two systems: its
//! secrets must not interleave with those of another change. Rows need no lock; the database
//! orders its writers itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// The locks that are held or waited for, by name of the owner.
#[derive(Default)]
pub(super) struct OwnerLocks(Mutex<BTreeMap<String, Weak<AsyncMutex<()>>>>);

impl OwnerLocks {
    /// Waits until no other change of this owner runs.
    pub(super) async fn lock(&self, owner: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| lock.strong_count() > 0);
            match locks.get(owner).and_then(Weak::upgrade) {
                Some(lock) => lock,
                None => {
                    let lock = Arc::new(AsyncMutex::new(()));
                    locks.insert(owner.to_owned(), Arc::downgrade(&lock));
                    lock
                }
            }
        };
        lock.lock_owned().await
    }

    /// Locks several owners. The order of names keeps two callers from waiting for each other.
    pub(super) async fn lock_all(&self, mut owners: Vec<String>) -> Vec<OwnedMutexGuard<()>> {
        owners.sort_unstable();
        owners.dedup();
        let mut guards = Vec::new();
        for owner in &owners {
            guards.push(self.lock(owner).await);
        }
        guards
    }
}
