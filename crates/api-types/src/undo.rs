//! Taking a deletion back.

use crate::ProviderView;
use serde::{Deserialize, Serialize};

/// With what a deletion can be taken back, for a few seconds, by the session that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UndoTicket {
    /// For `POST /api/v1/undo/{token}`.
    pub token: String,
    /// For how many seconds from now on.
    pub seconds: u64,
}

/// The answer to a deletion: it is done, and for a few seconds it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Deleted {
    /// With what it can be taken back.
    pub undo: UndoTicket,
}

/// The answer to `DELETE /api/v1/providers/{name}/key`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyRemoved {
    /// The provider without its stored key.
    pub provider: ProviderView,
    /// With what the removal can be taken back. Null where there was no key, and where the stored
    /// one could not be read.
    pub undo: Option<UndoTicket>,
}

/// What kind of thing was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RestoredKind {
    /// An agent.
    Agent,
    /// A provider of the workspace.
    Provider,
    /// The stored key of a provider.
    ProviderKey,
    /// A custom source.
    Source,
}

/// `POST /api/v1/undo/{token}`: what was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Restored {
    /// What kind of thing.
    pub kind: RestoredKind,
    /// Its name or slug; of a key, its provider's.
    pub name: String,
    /// The default model, where it went with the deletion and is chosen again.
    pub default_model: Option<String>,
    /// Whether a secret that was stored with it could not be read when it was deleted, so that it
    /// has to be entered again.
    pub needs_key: bool,
}
