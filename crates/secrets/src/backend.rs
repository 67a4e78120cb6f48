//! What every secrets backend does.

use crate::kind::{RemoteBackend, SecretsBackendKind};
use crate::sealed::SealedSecret;
use async_trait::async_trait;
use std::fmt;
use std::time::Duration;

/// A place where secrets are stored. Only [`crate::SecretStore`] calls it, with a time limit.
#[async_trait]
pub trait SecretsBackend: Send + Sync + 'static {
    /// Which kind it is.
    fn kind(&self) -> SecretsBackendKind;
    /// What is stored under a name. `Ok(None)` means that the backend answered and there is
    /// nothing; an error means that it is not known.
    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError>;
    /// The same, with the version that a later [`SecretsBackend::put`] may replace. Backends that only
    /// this process changes have none.
    async fn get_for_update(
        &self,
        name: &str,
    ) -> Result<(Option<SealedSecret>, Option<StoredVersion>), BackendError> {
        Ok((self.get(name).await?, None))
    }
    /// Stores a document, replacing what was there. If a version is given, it replaces that one and
    /// no other.
    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        over: Option<&StoredVersion>,
    ) -> Result<(), BackendError>;
    /// Deletes a document; `false` if there was none.
    async fn delete(&self, name: &str) -> Result<bool, BackendError>;
    /// Whether it answers. It must not list names.
    async fn health(&self) -> Result<(), BackendError>;
    /// Whether other programs may write secrets that Waypost has not recorded, under its names.
    fn is_shared(&self) -> bool {
        false
    }
    /// How long to wait between two checks that find everything in order.
    fn check_interval(&self) -> Duration {
        Duration::from_secs(30)
    }
    /// The connection to a backend on the network. It reads memory only.
    fn remote(&self) -> Option<RemoteBackend> {
        None
    }
}

/// A version of what is stored under a name, in the backend's own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVersion(String);

impl StoredVersion {
    /// The version with this name.
    pub(crate) fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The version with this number.
    pub(crate) fn of_number(number: u64) -> Self {
        Self(number.to_string())
    }

    /// The number, if it is one.
    pub(crate) fn number(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

/// Why a backend did not do what it was asked. The text is for a person and never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendError {
    /// It cannot be reached, is locked, refuses access or failed. It may work later.
    Unavailable(String),
    /// It did not answer in time. A change may still take effect.
    TimedOut(String),
    /// It answered, and what it holds under this name cannot be read.
    Damaged(String),
    /// Another version is stored than the one to replace. Nothing was changed.
    Conflict(String),
}

impl fmt::Display for BackendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason)
            | Self::TimedOut(reason)
            | Self::Damaged(reason)
            | Self::Conflict(reason) => formatter.write_str(reason),
        }
    }
}

impl std::error::Error for BackendError {}
