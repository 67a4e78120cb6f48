//! The audit log.

use serde::{Deserialize, Serialize};

/// One change that someone made. Names of things and fields, never values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// Its number, rising.
    pub id: i64,
    /// When, in Unix seconds.
    pub at: i64,
    /// Who: the session's short public number, or `system`.
    pub actor: String,
    /// What was done, such as `provider.key.set`.
    pub action: String,
    /// To what, such as `provider:openrouter`.
    pub target: String,
    /// Which fields.
    pub fields: Vec<String>,
}
