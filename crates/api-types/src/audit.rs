//! The audit log.

use serde::{Deserialize, Serialize};

/// A change to the workspace. It never has a secret.
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
    /// Whether it was done.
    #[serde(default)]
    pub outcome: AuditOutcome,
    /// What changed fields were before and after. A secret, and what only names a document, is in
    /// `fields` alone.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
}

/// Whether an event was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// It was done.
    #[default]
    Ok,
    /// It was tried and failed: a test or refresh that the upstream did not answer well, or a key
    /// that was refused.
    Failed,
}

/// A field before and after an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// Its value before; null if it had none.
    pub before: Option<String>,
    /// Its value after; null if it has none.
    pub after: Option<String>,
}
