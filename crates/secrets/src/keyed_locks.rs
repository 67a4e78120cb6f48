//! A lock for each name, so that an edit waits only for edits of the same secrets.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

#[derive(Default)]
pub(crate) struct KeyedLocks(Mutex<HashMap<String, Arc<AsyncMutex<()>>>>);

impl KeyedLocks {
    /// Locks several names, in alphabetical order, so that two callers cannot wait for each other.
    pub(crate) async fn lock_all(
        &self,
        names: impl Iterator<Item = impl AsRef<str>>,
    ) -> Vec<OwnedMutexGuard<()>> {
        let names: BTreeSet<String> = names.map(|name| name.as_ref().to_owned()).collect();
        let mut guards = Vec::with_capacity(names.len());
        for name in &names {
            let lock = self.of(name);
            guards.push(lock.lock_owned().await);
        }
        guards
    }

    /// Locks a name if it is free.
    pub(crate) fn try_lock(&self, name: &str) -> Option<OwnedMutexGuard<()>> {
        self.of(name).try_lock_owned().ok()
    }

    fn of(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(locks.entry(name.to_owned()).or_default())
    }
}
