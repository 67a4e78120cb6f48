//! What is known about a credential.

use serde::{Deserialize, Serialize};
use waypost_routing::vocabulary::{CheckOutcome, VerificationState};

/// What the last check said about a credential. It is about one value at one origin: a new key or
/// a new origin is not verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Verification {
    /// The state.
    pub state: VerificationState,
    /// When it was checked, in Unix seconds; null if it was not.
    pub at: Option<i64>,
    /// The class of the outcome.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CheckOutcome>,
    /// What the check proved or why it failed, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
