//! What is known about a credential.

use crate::CheckOutcome;
use serde::{Deserialize, Serialize};

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
