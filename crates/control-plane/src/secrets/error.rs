//! What can go wrong with secrets. No text here ever holds one.

use crate::store::StoreError;
use std::fmt;
use waypost_api_types::SecretsBackend;

/// Why a secret could not be stored, removed, read, or the backend not be opened.
#[derive(Debug)]
pub enum SecretsError {
    /// The value cannot be a secret that is sent in a header.
    InvalidValue(&'static str),
    /// The backend does not answer, or what it holds cannot be read.
    Unavailable(String),
    /// Another backend was asked for than the first start recorded.
    WrongBackend {
        /// The one that the first start recorded.
        recorded: SecretsBackend,
        /// The one that was asked for.
        asked: SecretsBackend,
    },
    /// The first start could not use the backend that was asked for.
    CannotBegin {
        /// The one that was asked for.
        asked: SecretsBackend,
        /// Why not.
        reason: String,
    },
    /// The database.
    Database(StoreError),
}

impl SecretsError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidValue(_) => "invalid_secret_value",
            Self::Unavailable(_) | Self::CannotBegin { .. } => "secrets_unavailable",
            Self::WrongBackend { .. } => "wrong_secrets_backend",
            Self::Database(_) => "database",
        }
    }
}

impl From<StoreError> for SecretsError {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidValue(reason) => formatter.write_str(reason),
            Self::Unavailable(reason) => {
                write!(formatter, "the secrets backend does not answer: {reason}")
            }
            Self::WrongBackend { recorded, asked } => write!(
                formatter,
                "this workspace keeps its secrets in the {}, as its first start recorded, and --secrets {} asks for the {}. \
                 Start without --secrets, or with --secrets {}. Secrets are not moved: to change the backend, start a new \
                 workspace with another --data-dir and enter the keys there",
                recorded.label(),
                asked.name(),
                asked.label(),
                recorded.name(),
            ),
            Self::CannotBegin {
                asked: SecretsBackend::Keychain,
                reason,
            } => write!(
                formatter,
                "--secrets keychain was asked for, and the keychain cannot be used: {reason}. Unlock it and start again, \
                 or start with --secrets file. Nothing was recorded",
            ),
            Self::CannotBegin {
                asked: SecretsBackend::File,
                reason,
            } => write!(
                formatter,
                "the encrypted file for the secrets cannot be used: {reason}. Nothing was recorded",
            ),
            Self::Database(error) => {
                write!(
                    formatter,
                    "the database failed while a secret was handled: {error}"
                )
            }
        }
    }
}

impl std::error::Error for SecretsError {}
