//! Errors, as RFC 9457 problem details.

use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success: `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A stable code, such as `name_taken`.
    pub code: String,
    /// The HTTP status, repeated.
    pub status: u16,
    /// The status in words.
    pub title: String,
    /// What happened, why, and what to do next, for a person.
    pub detail: String,
    /// The request field at fault, where one is (`base_url`, `headers.x-tenant`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A whole replacement for the field's value, where one is at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}
