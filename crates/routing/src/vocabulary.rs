//! Words that the API, the database and the secrets share.

mod requests;

pub use requests::{RequestOutcome, TrafficBy, TrafficWindow};

use serde::{Deserialize, Serialize};

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and changes everything.
    Admin,
    /// Reads, and requests routes.
    Viewer,
}

impl Role {
    /// The name on the wire, in the database and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Viewer => "viewer",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Admin, Self::Viewer]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// Whether models that a refresh lists for the first time start enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewModels {
    /// As in Settings.
    #[default]
    Inherit,
    /// They start enabled.
    Enabled,
    /// They start disabled.
    Disabled,
}

/// The state of a model. The `state` filter takes the same values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModelState {
    /// Listed and enabled.
    Enabled,
    /// Listed and disabled.
    Disabled,
    /// No longer listed.
    Absent,
}

/// The class of an outcome. The dashboard shows a label and a hint for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// The list was read.
    Ok,
    /// The list was read and is empty.
    NoModels,
    /// The credential was refused: 401, 403, or what a gateway answers in their place.
    Unauthorized,
    /// 404.
    NotFound,
    /// A redirect, which is never followed.
    Redirected,
    /// 429.
    RateLimited,
    /// 5xx.
    ServerError,
    /// No answer in time.
    Timeout,
    /// No connection: refused, no route, no such host.
    ConnectFailed,
    /// The TLS handshake failed.
    TlsFailed,
    /// Not JSON, or JSON of another shape.
    BadResponse,
    /// More than the limits allow.
    TooLarge,
    /// The address is private, loopback or never allowed, and its origin was not granted.
    AddressNotAllowed,
    /// Any other status.
    UnexpectedStatus,
    /// Nothing was sent, because the configuration cannot be used: the key was entered for another
    /// origin, the base URL or a header is invalid, or the secrets cannot be read. A call that is
    /// rejected before it begins answers with a problem; this is what is recorded.
    NotSent,
}

impl CheckOutcome {
    /// Whether the upstream received the request, with its key; `None` if that is not known.
    #[must_use]
    pub fn was_sent(self) -> Option<bool> {
        match self {
            Self::ConnectFailed | Self::TlsFailed | Self::AddressNotAllowed | Self::NotSent => {
                Some(false)
            }
            Self::Timeout => None,
            Self::Ok
            | Self::NoModels
            | Self::Unauthorized
            | Self::NotFound
            | Self::Redirected
            | Self::RateLimited
            | Self::ServerError
            | Self::BadResponse
            | Self::TooLarge
            | Self::UnexpectedStatus => Some(true),
        }
    }

    /// Whether Waypost rejected the request before it opened a connection, so that no time passed
    /// on the network.
    #[must_use]
    pub fn was_rejected_here(self) -> bool {
        matches!(self, Self::AddressNotAllowed | Self::NotSent)
    }
}

/// A kind of secrets backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SecretsBackend))]
#[serde(rename_all = "snake_case")]
pub enum SecretsBackendKind {
    /// The operating system's keychain.
    Keychain,
    /// An encrypted file in the data directory.
    File,
    /// HashiCorp Vault or OpenBao.
    Vault,
    /// AWS Secrets Manager.
    Aws,
}

impl SecretsBackendKind {
    /// The name on the wire, in the database and for `--secrets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
            Self::Vault => "vault",
            Self::Aws => "aws",
        }
    }

    /// The name in texts: "stored in the …".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "encrypted file",
            Self::Vault => "Vault server",
            Self::Aws => "AWS Secrets Manager",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Keychain, Self::File, Self::Vault, Self::Aws]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// The state of a credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerificationState {
    /// No check has said anything about it.
    #[default]
    NotVerified,
    /// The upstream accepted it.
    Verified,
    /// The upstream refused it.
    Refused,
}
