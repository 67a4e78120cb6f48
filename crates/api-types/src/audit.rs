//! The audit log.

use serde::{Deserialize, Serialize};

/// A change to the workspace, with the names of what changed and never the values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// The number of the event; later events have higher ones.
    pub id: i64,
    /// When it happened, in Unix seconds.
    pub at: i64,
    /// Who did it: the session's short public number, or `system`.
    pub actor: String,
    /// What was done, such as `provider.key.set`.
    pub action: String,
    /// What changed, such as `provider:openrouter`.
    pub target: String,
    /// The fields that changed.
    pub fields: Vec<String>,
}
