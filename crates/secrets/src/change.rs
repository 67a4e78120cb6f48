//! Changing secrets together with database rows.
//!
//! The transaction that edits the rows is the commit point. Before it, the backend is given the
//! new value *beside* the old one, and the record of the secret still expects the old one. The
//! transaction makes the record expect the new value, or none. After it, the value that no longer
//! counts is deleted. Whatever fails or crashes in between, a read finds the value that the record
//! expects, or fails by name; what is left over is deleted by the next check.

use crate::error::SecretsError;
use crate::records::{ExpectedSecret, RecordChange, SecretMeta};
use crate::sealed::{SealedSecret, SecretVersion};
use crate::store::SecretStore;
use crate::text::SecretText;
use crate::{random, value};
use tokio::sync::OwnedMutexGuard;

/// What becomes of one secret. It holds a value, so it has no `Debug`.
#[derive(Clone)]
pub struct SecretChange {
    name: String,
    to: Option<NewValue>,
}

#[derive(Clone)]
struct NewValue {
    origin: String,
    value: SecretText,
    set_at: i64,
}

impl SecretChange {
    /// Removes the secret, if it is stored.
    #[must_use]
    pub fn remove(name: String) -> Self {
        Self { name, to: None }
    }

    /// Stores a value for an origin, replacing what was there. `set_at` is when it was entered, in
    /// Unix seconds.
    #[must_use]
    pub fn put(name: String, origin: &str, value: SecretText, set_at: i64) -> Self {
        let to = Some(NewValue {
            origin: origin.to_owned(),
            value,
            set_at,
        });
        Self { name, to }
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
        self.changes.iter().any(|change| change.to.is_some())
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
        for record in &self.records {
            self.store.note_committed(record);
        }
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
                    "the secrets backend still holds a value that is not in use; it is deleted \
                     when the backend answers: {error}"
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
            locks: self.lock(changes.iter().map(|change| &change.name)).await,
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
            let record = self.find(&change.name).await?;
            let expected = record.and_then(|record| record.expected);
            // Removing what is not stored needs no backend.
            if change.to.is_none() && expected.is_none() {
                continue;
            }
            let old = match &expected {
                None => None,
                Some(expected) => self.expected_version(&change.name, expected).await?,
            };
            found.push((change, expected, old));
        }
        let names: Vec<String> = found
            .iter()
            .map(|(change, ..)| change.name.clone())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        self.begin(&names).await?;
        for (change, expected, old) in found {
            let SecretChange { name, to } = change;
            prepared.unreadable |= expected.is_some() && old.is_none();
            prepared.before.push(SecretChange {
                name: name.clone(),
                to: old.as_ref().map(|old| NewValue {
                    origin: old.origin.clone(),
                    value: old.value.clone(),
                    set_at: old.set_at,
                }),
            });
            let new = to.map(|to| SecretVersion {
                revision: Some(random::id()),
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
                self.write(&name, &document).await?;
            }
        }
        Ok(())
    }
}

fn checked(changes: Vec<SecretChange>) -> Result<Vec<SecretChange>, SecretsError> {
    changes
        .into_iter()
        .map(|change| {
            let to = match change.to {
                None => None,
                Some(to) => Some(NewValue {
                    value: value::checked(&to.value)?,
                    ..to
                }),
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
