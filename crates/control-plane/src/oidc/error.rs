//! Why a sign-in with the identity provider failed, in words for the person who tried.

use std::fmt;

/// A sign-in that failed. Its text holds nothing that the provider or a browser sent, but for the
/// name of an error that OpenID Connect defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcError {
    /// The kind.
    pub kind: OidcErrorKind,
    /// What happened and what to do.
    pub message: String,
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OidcErrorKind {
    /// The provider does not answer, or not as OpenID Connect says.
    Provider,
    /// An option or the clock of this server is wrong, or one of the provider's.
    Setup,
    /// The sign-in itself is void: not started here, too late, used before, or refused.
    SignIn,
    /// The person may not use Waypost.
    NoAccess,
}

impl OidcError {
    pub(super) fn new(kind: OidcErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    pub(super) fn provider(message: impl Into<String>) -> Self {
        Self::new(OidcErrorKind::Provider, message)
    }

    pub(super) fn setup(message: impl Into<String>) -> Self {
        Self::new(OidcErrorKind::Setup, message)
    }

    pub(super) fn sign_in(message: impl Into<String>) -> Self {
        Self::new(OidcErrorKind::SignIn, message)
    }
}

impl fmt::Display for OidcError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for OidcError {}
