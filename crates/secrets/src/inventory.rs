//! What is known about the secrets at this moment, in memory.

use crate::records::{SecretMeta, value_id};
use std::collections::{BTreeMap, BTreeSet};

/// The names that entries of the catalog have for their secrets, each with the origin of a value
/// that names none.
pub type EntryNames = BTreeMap<String, Option<String>>;

/// What is known about the secrets. Reading it calls neither the backend nor the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Why the backend does not answer; `None` if the last call succeeded.
    pub unavailable: Option<String>,
    /// Every stored secret, by name.
    pub stored: BTreeMap<String, StoredSecret>,
    /// Removed secrets whose values the backend may not have deleted yet, by name.
    pub undeleted: BTreeSet<String>,
}

/// What is known about one stored secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSecret {
    /// What may be shown about it.
    pub meta: SecretMeta,
    /// Whether its value can be used.
    pub state: SecretState,
    pub(crate) revision: Option<String>,
    /// How many reads of it have failed. A read that began before a failure and ends after it says
    /// nothing about the state since.
    pub(crate) failed_reads: u64,
}

/// Whether the value of a stored secret can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// The backend holds the expected value.
    Present,
    /// The backend did not answer, or not yet.
    Unknown,
    /// The backend answered and holds no value.
    Absent,
    /// The backend holds something else than the expected value, which is never used.
    Changed,
}

impl StoredSecret {
    /// A name for the value: another value has another one. It is no secret.
    #[must_use]
    pub fn value_id(&self) -> String {
        value_id(self.revision.as_deref(), self.meta.set_at)
    }
}

impl Inventory {
    /// The state of a stored secret as it must be shown: nothing is certain while the backend does
    /// not answer.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<SecretState> {
        let stored = self.stored.get(name)?;
        Some(match self.unavailable {
            Some(_) => SecretState::Unknown,
            None => stored.state,
        })
    }
}
