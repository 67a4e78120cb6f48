//! What can go wrong with secrets. No text here ever holds one.

use crate::kind::SecretsBackendKind;
use crate::records::RecordsError;
use std::fmt;

/// Why a secret could not be stored, removed, read, or the backend not be opened.
#[derive(Debug)]
pub enum SecretsError {
    /// The value cannot be a secret that is sent in a header.
    InvalidValue(&'static str),
    /// The backend does not answer, or what it holds cannot be read.
    Unavailable(String),
    /// The backend did not answer in time. A change may still reach it, but the values in use stay
    /// the same: no record expects what it would write.
    TimedOut(String),
    /// Another program changed the secret in the backend at the same time. Nothing was changed.
    Conflict(String),
    /// The backend does not hold the value that was stored, so it must be entered again.
    NeedsReentry {
        /// The name of the secret.
        name: String,
        /// What the backend holds instead.
        reason: ReentryReason,
    },
    /// Another backend was asked for than the first start recorded.
    WrongBackend {
        /// The one that the first start recorded.
        recorded: SecretsBackendKind,
        /// The one that was asked for.
        asked: SecretsBackendKind,
    },
    /// The first start could not use the backend that was asked for.
    CannotBegin {
        /// The one that was asked for.
        asked: SecretsBackendKind,
        /// Why not.
        reason: String,
    },
    /// The records of secrets could not be read or written.
    Records(RecordsError),
}

/// Why a stored secret must be entered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReentryReason {
    /// The backend holds no value under its name.
    Missing,
    /// The backend holds another value under its name, or one that cannot be read.
    Changed,
}

impl fmt::Display for ReentryReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "the secrets backend no longer has it",
            Self::Changed => "the secrets backend has another value in its place",
        })
    }
}

impl SecretsError {
    /// Whether the backend did not answer.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::TimedOut(_))
    }

    /// What the backend or the records said, without the words around it.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Unavailable(reason) | Self::TimedOut(reason) | Self::Conflict(reason) => {
                reason.clone()
            }
            other => other.to_string(),
        }
    }

    pub(crate) fn timed_out(&self) -> bool {
        matches!(self, Self::TimedOut(_))
    }

    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidValue(_) => "invalid_secret_value",
            Self::Unavailable(_) | Self::TimedOut(_) | Self::CannotBegin { .. } => {
                "secrets_unavailable"
            }
            Self::Conflict(_) => "secret_conflict",
            Self::NeedsReentry { .. } => "missing_api_key",
            Self::WrongBackend { .. } => "wrong_secrets_backend",
            Self::Records(_) => "database",
        }
    }
}

impl From<RecordsError> for SecretsError {
    fn from(error: RecordsError) -> Self {
        Self::Records(error)
    }
}

impl fmt::Display for SecretsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidValue(reason) => formatter.write_str(reason),
            Self::Unavailable(reason) | Self::TimedOut(reason) => {
                write!(formatter, "the secrets backend is not responding: {reason}")
            }
            Self::Conflict(reason) => formatter.write_str(reason),
            Self::NeedsReentry { name, reason } => write!(
                formatter,
                "the secret `{name}` cannot be used: {reason}. Enter it again",
            ),
            Self::WrongBackend { recorded, asked } => write!(
                formatter,
                "this workspace stores its secrets in the {}, but --secrets {} selects the {}. Start without --secrets, or with --secrets {}. To change the backend, stop Waypost and run \
                 `waypost secrets copy --from {} --to {} --switch`",
                recorded.label(),
                asked.name(),
                asked.label(),
                recorded.name(),
                recorded.name(),
                asked.name(),
            ),
            Self::CannotBegin {
                asked: SecretsBackendKind::Keychain,
                reason,
            } => write!(
                formatter,
                "cannot use the keychain (--secrets keychain): {reason}. Unlock it and start again, or start with --secrets file. Nothing was saved",
            ),
            Self::CannotBegin {
                asked: SecretsBackendKind::File,
                reason,
            } => write!(
                formatter,
                "cannot use the encrypted file for secrets: {reason}. Nothing was saved",
            ),
            Self::CannotBegin {
                asked: SecretsBackendKind::Vault,
                reason,
            } => write!(
                formatter,
                "cannot use Vault for secrets: {reason}. Nothing was saved",
            ),
            Self::CannotBegin {
                asked: SecretsBackendKind::Aws,
                reason,
            } => write!(
                formatter,
                "cannot use AWS Secrets Manager for secrets: {reason}. Nothing was saved",
            ),
            Self::Records(error) => {
                write!(
                    formatter,
                    "the database failed while a secret was handled: {error}"
                )
            }
        }
    }
}

impl std::error::Error for SecretsError {}
