//! What checks said about credentials.

use std::collections::BTreeMap;
use waypost_routing::vocabulary::CheckOutcome;

/// What the last check of each credential said, by owner and credential.
pub type Verifications = BTreeMap<(String, String), StoredVerification>;

/// A check that the upstream answered by accepting or refusing the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialCheck {
    /// A name for the value that was sent and the origin that it was sent to. It is no secret.
    pub credential: String,
    /// Whether the upstream accepted it.
    pub accepted: bool,
    /// The class of the outcome.
    pub outcome: CheckOutcome,
    /// What it proved or why it failed, for a person.
    pub message: String,
}

/// What the last check said about a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerification {
    /// Whether the upstream accepted it.
    pub accepted: bool,
    /// When it was checked, in Unix seconds.
    pub at: i64,
    /// The class of the outcome.
    pub outcome: CheckOutcome,
    /// What it proved or why it failed, for a person.
    pub message: String,
}
