//! Secrets that other programs wrote under Waypost's names into a backend that they share.
//!
//! They are looked up by name, never listed. What is found is recorded and counts from then on like
//! any other secret: for the origin that it names. One that names none belongs to the origin that
//! the built-in catalog or the providers file gives its entry; where there is no such origin, it has
//! to be entered again.

use crate::backend::BackendError;
use crate::error::SecretsError;
use crate::inventory::{EntryNames, SecretState};
use crate::records::SecretMeta;
use crate::sealed::SecretVersion;
use crate::store::{SecretStore, unavailable};

impl SecretStore {
    /// Says under which names to look for secrets that other programs write. Only a backend that is
    /// shared is asked for them.
    pub fn set_entry_names(&self, names: impl FnOnce() -> EntryNames) {
        if !self.inner.backend.is_shared() {
            return;
        }
        let names = names();
        let mut known = self.entry_names();
        if *known != names {
            *known = names;
            drop(known);
            self.check_soon();
        }
    }

    fn entry_names(&self) -> std::sync::MutexGuard<'_, EntryNames> {
        let names = self.inner.entry_names.lock();
        names.unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The names to look for, without those that are recorded.
    pub(crate) fn unrecorded_names(&self) -> Vec<String> {
        let inventory = self.inventory();
        let names = self.entry_names();
        let is_new = |name: &&String| {
            !inventory.stored.contains_key(*name) && !inventory.undeleted.contains(*name)
        };
        names.keys().filter(is_new).cloned().collect()
    }

    /// The origin that a stored value belongs to; empty if it belongs to none.
    pub(crate) fn origin_of(&self, name: &str, version: &SecretVersion) -> String {
        match version.origin.as_str() {
            "" => self.entry_names().get(name).cloned().flatten(),
            named => Some(named.to_owned()),
        }
        .unwrap_or_default()
    }

    /// What may be shown about a stored value.
    pub(crate) fn meta_of(&self, name: &str, version: &SecretVersion) -> SecretMeta {
        SecretMeta {
            origin: self.origin_of(name, version),
            ..SecretMeta::of(name, version)
        }
    }

    /// Records what a shared backend holds under a name that has no record. The caller holds the lock
    /// of the name.
    pub(crate) async fn record_found_locked(&self, name: &str) -> Result<(), SecretsError> {
        if !self.inner.backend.is_shared() || self.find(name).await?.is_some() {
            return Ok(());
        }
        let document = match self.call(self.inner.backend.get(name)).await {
            Ok(document) => document,
            // It cannot be used, and nothing says that it was meant for Waypost.
            Err(BackendError::Damaged(_)) => None,
            Err(error) => return Err(unavailable(error)),
        };
        let Some(document) = document else {
            return Ok(());
        };
        self.adopt(name, &document.current).await?;
        self.update(|inventory| {
            if let Some(stored) = inventory.stored.get_mut(name) {
                stored.state = SecretState::Present;
            }
        });
        Ok(())
    }
}
