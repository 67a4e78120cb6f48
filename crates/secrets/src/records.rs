//! What is recorded about stored secrets, and the trait behind which the records are kept.

use crate::kind::SecretsBackendKind;
use crate::sealed::SecretVersion;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;

/// What may be shown about a stored secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMeta {
    /// The origin it was entered for, and the only one it is given out for.
    pub origin: String,
    /// The last four characters, if it is long enough to show them.
    pub hint: Option<String>,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
}

impl SecretMeta {
    /// What may be shown about a value. The static headers of a source are stored as one text, whose
    /// last characters belong to a value that may be short.
    pub(crate) fn of(name: &str, version: &SecretVersion) -> Self {
        let hint = match name.ends_with("/headers") {
            true => None,
            false => version.value.hint(),
        };
        Self {
            origin: version.origin.clone(),
            hint,
            set_at: version.set_at,
        }
    }
}

/// The record of one secret. It decides which of the values that the backend holds counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRecord {
    /// The value that counts; `None` if the secret was removed, or never committed, and the
    /// backend may still hold a value that must be deleted.
    pub expected: Option<ExpectedSecret>,
    /// A change has begun and the backend may hold more than the record expects.
    pub unsettled: bool,
}

/// The value that a record expects in the backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedSecret {
    /// What may be shown about it.
    pub meta: SecretMeta,
    /// Its revision; `None` if Waypost 0.1 or another program stored it.
    pub revision: Option<String>,
}

/// A value without a revision was written by another program, which says only when.
pub(crate) fn value_id(revision: Option<&str>, set_at: i64) -> String {
    match revision {
        Some(revision) => revision.to_owned(),
        None => format!("at:{set_at}"),
    }
}

impl ExpectedSecret {
    /// A name for the value, as [`crate::StoredSecret::value_id`] gives it once it is stored.
    #[must_use]
    pub fn value_id(&self) -> String {
        value_id(self.revision.as_deref(), self.meta.set_at)
    }
}

/// What the transaction of an edit must write about one secret. It leaves the record unsettled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// The name of the secret.
    pub name: String,
    /// The value that counts from now on; `None` if the secret is removed.
    pub expected: Option<ExpectedSecret>,
}

/// Keeps records of secrets, never their values. The control plane implements it over its database.
#[async_trait]
pub trait SecretRecords: Send + Sync + 'static {
    /// The backend that the first start recorded.
    async fn backend(&self) -> Result<Option<SecretsBackendKind>, RecordsError>;
    /// Records the backend of a new workspace.
    async fn record_backend(&self, kind: SecretsBackendKind) -> Result<(), RecordsError>;
    /// Every record, by name.
    async fn list(&self) -> Result<BTreeMap<String, SecretRecord>, RecordsError>;
    /// The record of one secret.
    async fn find(&self, name: &str) -> Result<Option<SecretRecord>, RecordsError>;
    /// Marks secrets as unsettled before their backend values change. A name without a record gets
    /// one that expects nothing.
    async fn begin(&self, names: &[String]) -> Result<(), RecordsError>;
    /// Marks a secret as settled and deletes the record of one that is not expected.
    async fn settle(&self, name: &str) -> Result<(), RecordsError>;
    /// Records a value that another program stored in place of the expected one, or under a name
    /// without a record.
    async fn adopt(&self, name: &str, found: &ExpectedSecret) -> Result<(), RecordsError>;
}

/// Why records could not be read or written: the text of the database's error.
#[derive(Debug)]
pub struct RecordsError(String);

impl RecordsError {
    /// Takes the text of any error. It must not hold a secret.
    #[must_use]
    pub fn new(error: &dyn fmt::Display) -> Self {
        Self(error.to_string())
    }
}

impl fmt::Display for RecordsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for RecordsError {}
