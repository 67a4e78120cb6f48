//! Undoing a deletion or replacement.

use crate::ProviderView;
use serde::{Deserialize, Serialize};

/// Undoes a deletion or replacement within a few seconds, in the session that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoTicket {
    /// The token for `POST /api/v1/undo/{token}`.
    pub token: String,
    /// How many seconds it stays valid.
    pub seconds: u64,
}

/// The answer to a deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deleted {
    /// Undoes the deletion.
    pub undo: UndoTicket,
}

/// The answer to `DELETE /api/v1/providers/{name}/key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyRemoved {
    /// The provider without its stored key.
    pub provider: ProviderView,
    /// Undoes the removal. Null if there was no key, or if the stored one could not be read.
    pub undo: Option<UndoTicket>,
}

/// The kind of item that was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RestoredKind {
    /// An agent.
    Agent,
    /// An agent's own key for a gateway.
    AgentKey,
    /// A provider of the workspace.
    Provider,
    /// The stored key of a provider.
    ProviderKey,
    /// A custom source.
    Source,
    /// A model that was replaced in agents.
    ReplacedModel,
}

/// `POST /api/v1/undo/{token}`: what was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restored {
    /// The kind of item.
    pub kind: RestoredKind,
    /// The name or slug; for a key, the name of its provider or agent; for a replaced model, its ref.
    pub name: String,
    /// The default model, if the deletion cleared it and undo restored it.
    pub default_model: Option<String>,
    /// Whether a secret must be entered again, because it could not be read when it was deleted.
    pub needs_key: bool,
}
