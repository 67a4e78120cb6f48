//! Changing secrets together with database rows.
//!
//! The transaction that edits the rows is the commit point. Before it, the backend is given the
//! new value *beside* the old one, and the record of the secret still expects the old one. The
//! transaction makes the record expect the new value, or none. After it, the value that no longer
//! counts is deleted. Whatever fails or crashes in between, a read finds the value that the record
//! expects, or fails by name; what is left over is deleted by the next check.

use crate::backend::StoredVersion;
use crate::error::SecretsError;
use crate::records::{ExpectedSecret, RecordChange, SecretMeta};
use crate::sealed::{SealedSecret, SecretVersion};
use crate::store::SecretStore;
use crate::text::SecretText;
use crate::value;
use tokio::sync::OwnedMutexGuard;
use waypost_system::random;

/// What becomes of one secret. It holds a value, so it has no `Debug`.
#[derive(Clone)]
pub struct SecretChange {
    name: String,
    to: To,
}

#[derive(Clone)]
enum To {
    Nothing,
    Value(NewValue),
    /// What another secret holds before the edit.
    CopyOf(String),
}

#[derive(Clone)]
struct NewValue {
    /// That of a value that was stored before; otherwise it gets a new one.
    revision: Option<String>,
    origin: String,
    value: SecretText,
    set_at: i64,
}

impl NewValue {
    /// A stored value, to be stored again.
    fn again(version: &SecretVersion) -> Self {
        Self {
            revision: version.revision.clone(),
            origin: version.origin.clone(),
            value: version.value.clone(),
            set_at: version.set_at,
        }
    }
}

impl SecretChange {
    /// Removes the secret, if it is stored.
    #[must_use]
    pub fn remove(name: String) -> Self {
        Self {
            name,
            to: To::Nothing,
        }
    }

    /// Stores what another secret holds before the edit, with its origin and the time when it was
    /// entered, replacing what was there. If that cannot be read, the secret is removed.
    #[must_use]
    pub fn copy(name: String, from: String) -> Self {
        Self {
            name,
            to: To::CopyOf(from),
        }
    }

    /// Stores a value for an origin, replacing what was there. `set_at` is when it was entered, in
    /// Unix seconds.
    #[must_use]
    pub fn put(name: String, origin: &str, value: SecretText, set_at: i64) -> Self {
        let to = To::Value(NewValue {
            revision: None,
            origin: origin.to_owned(),
            value,
            set_at,
        });
        Self { name, to }
    }
}

impl SecretChange {
    /// Whether it stores a value under this name.
    #[must_use]
    pub fn stores(&self, name: &str) -> bool {
        self.name == name && !matches!(self.to, To::Nothing)
    }

    /// The secrets that it reads or writes.
    fn names(&self) -> impl Iterator<Item = &str> {
        let from = match &self.to {
            To::CopyOf(from) => Some(from.as_str()),
            _ => None,
        };
        std::iter::once(self.name.as_str()).chain(from)
    }
}

/// Changes that the backend is ready for and that no record expects yet.
///
/// Write [`PreparedSecrets::records`] in the transaction of the edit, then call
/// [`PreparedSecrets::committed`] or [`PreparedSecrets::abandoned`]. Dropping it is safe: the next
/// check settles what was prepared.
pub struct PreparedSecrets {
    store: SecretStore,
    records: Vec<RecordChange>,
    before: Vec<SecretChange>,
    unreadable: bool,
    locks: Vec<OwnedMutexGuard<()>>,
}

/// How an edit changed the secrets: what puts them back as they were.
#[derive(Clone)]
pub struct SecretsBefore {
    /// The changes that restore the earlier values.
    pub changes: Vec<SecretChange>,
    /// Whether an earlier value could not be read and so cannot be restored.
    pub unreadable: bool,
}

impl SecretsBefore {
    /// Whether there is a value to restore.
    #[must_use]
    pub fn restores_values(&self) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|change| matches!(change.to, To::Value(_)))
    }
}

impl PreparedSecrets {
    /// What the transaction of the edit must write.
    #[must_use]
    pub fn records(&self) -> &[RecordChange] {
        &self.records
    }

    /// Deletes the values that no longer count. Call it after the transaction was committed.
    ///
    /// It does not fail: the edit has taken effect. What cannot be deleted now is deleted by a
    /// later check, and counted in [`crate::Inventory::undeleted`] until then.
    pub async fn committed(mut self) -> SecretsBefore {
        self.store.note_committed(&self.records);
        self.settle().await;
        SecretsBefore {
            changes: std::mem::take(&mut self.before),
            unreadable: self.unreadable,
        }
    }

    /// Deletes what was prepared, if the transaction was not committed. The records decide: if the
    /// transaction was committed after all, the new values stay.
    pub async fn abandoned(self) {
        self.settle().await;
    }

    async fn settle(&self) {
        for record in &self.records {
            match self.store.settle_locked(&record.name).await {
                Ok(()) => self.store.note_answer(),
                Err(error) => tracing::warn!(
                    secret = %record.name,
                    %error,
                    "unused value not deleted yet"
                ),
            }
        }
    }
}

impl Drop for PreparedSecrets {
    fn drop(&mut self) {
        self.locks.clear();
        if !self.records.is_empty() {
            self.store.check_soon();
        }
    }
}

impl SecretStore {
    /// Prepares changes. Nothing takes effect before the records are written.
    ///
    /// # Errors
    /// [`SecretsError::InvalidValue`] for a value that cannot be sent in a header;
    /// [`SecretsError::Unavailable`] if the backend does not answer, and
    /// [`SecretsError::Records`] if the records cannot be read or written. The values in use stay
    /// the same after each of them, even if the backend carries out a call that timed out later.
    pub async fn prepare(
        &self,
        changes: Vec<SecretChange>,
    ) -> Result<PreparedSecrets, SecretsError> {
        let changes = checked(changes)?;
        let mut prepared = PreparedSecrets {
            store: self.clone(),
            records: Vec::new(),
            before: Vec::new(),
            unreadable: false,
            locks: self
                .lock(changes.iter().flat_map(SecretChange::names))
                .await,
        };
        match self.prepare_all(&mut prepared, changes).await {
            Ok(()) => Ok(prepared),
            Err(error) => {
                // A backend that just failed to answer would only be waited for again.
                if !error.is_unavailable() {
                    prepared.settle().await;
                }
                Err(error)
            }
        }
    }

    async fn prepare_all(
        &self,
        prepared: &mut PreparedSecrets,
        changes: Vec<SecretChange>,
    ) -> Result<(), SecretsError> {
        let mut found = Vec::new();
        for change in changes {
            let SecretChange { name, to } = change;
            let to = match to {
                To::Nothing => None,
                To::Value(value) => Some(value),
                To::CopyOf(from) => {
                    let stored = self.stored(&from).await?;
                    stored.value.as_ref().map(NewValue::again)
                }
            };
            // What another program wrote is replaced like any other value, never deleted.
            self.record_found_locked(&name).await?;
            let stored = self.stored(&name).await?;
            // Removing what is not stored needs no backend.
            if to.is_some() || stored.is_recorded {
                found.push((name, to, stored));
            }
        }
        let names: Vec<String> = found.iter().map(|(name, ..)| name.clone()).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.begin(&names).await?;
        for (name, to, stored) in found {
            let old = stored.value;
            prepared.unreadable |= stored.is_recorded && old.is_none();
            prepared.before.push(SecretChange {
                name: name.clone(),
                to: match &old {
                    None => To::Nothing,
                    Some(old) => To::Value(NewValue::again(old)),
                },
            });
            let new = to.map(|to| SecretVersion {
                revision: Some(to.revision.unwrap_or_else(random::public_id)),
                origin: to.origin,
                set_at: to.set_at,
                value: to.value,
            });
            prepared.records.push(RecordChange {
                name: name.clone(),
                expected: new.as_ref().map(|new| expected_of(&name, new)),
            });
            // A removal changes nothing in the backend before it is committed.
            if let Some(current) = new {
                let document = SealedSecret {
                    current,
                    previous: old,
                };
                self.write(&name, &document, stored.version.as_ref())
                    .await?;
            }
        }
        Ok(())
    }

    /// What is stored under a name before an edit.
    async fn stored(&self, name: &str) -> Result<Stored, SecretsError> {
        let record = self.find(name).await?;
        let expected = record.and_then(|record| record.expected);
        if expected.is_none() && !self.inner.backend.is_shared() {
            return Ok(Stored::default());
        }
        let (document, version) = self.read_for_update(name).await?;
        let value = expected.as_ref().and_then(|expected| {
            let revision = expected.revision.as_deref();
            let version = document.as_ref()?.version(revision)?;
            // Wherever it is stored again, it belongs to the origin that it has now.
            Some(SecretVersion {
                origin: self.origin_of(name, version),
                ..version.clone()
            })
        });
        Ok(Stored {
            is_recorded: expected.is_some(),
            value,
            version,
        })
    }
}

/// What is stored under a name.
#[derive(Default)]
struct Stored {
    /// Whether a record expects a value.
    is_recorded: bool,
    /// The value that the record expects; `None` if the backend does not hold it.
    value: Option<SecretVersion>,
    /// What a write must replace.
    version: Option<StoredVersion>,
}

fn checked(changes: Vec<SecretChange>) -> Result<Vec<SecretChange>, SecretsError> {
    changes
        .into_iter()
        .map(|change| {
            let to = match change.to {
                To::Value(to) => To::Value(NewValue {
                    value: value::checked(&to.value)?,
                    ..to
                }),
                other => other,
            };
            Ok(SecretChange {
                name: change.name,
                to,
            })
        })
        .collect()
}

fn expected_of(name: &str, version: &SecretVersion) -> ExpectedSecret {
    ExpectedSecret {
        meta: SecretMeta::of(name, version),
        revision: version.revision.clone(),
    }
}
