//! What every secrets backend does.

use crate::kind::SecretsBackendKind;
use crate::sealed::SealedSecret;
use async_trait::async_trait;
use std::fmt;

/// A place where secrets are stored. Only [`crate::SecretStore`] calls it, with a time limit.
#[async_trait]
pub trait SecretsBackend: Send + Sync + 'static {
    /// Which kind it is.
    fn kind(&self) -> SecretsBackendKind;
    /// What is stored under a name. `Ok(None)` means that the backend answered and there is
    /// nothing; an error means that it is not known.
    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError>;
    /// Stores a document, replacing what was there.
    async fn put(&self, name: &str, document: &SealedSecret) -> Result<(), BackendError>;
    /// Deletes a document; `false` if there was none.
    async fn delete(&self, name: &str) -> Result<bool, BackendError>;
    /// Whether it answers. It must not list names.
    async fn health(&self) -> Result<(), BackendError>;
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
}

impl fmt::Display for BackendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason) | Self::TimedOut(reason) | Self::Damaged(reason) => {
                formatter.write_str(reason)
            }
        }
    }
}

impl std::error::Error for BackendError {}
