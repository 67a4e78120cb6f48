//! What was deleted, and all that restores it.

use crate::store::DeletedRows;
use waypost_api_types::RestoredKind;
use waypost_routing::catalog::ProviderKind;
use waypost_secrets::SecretsBefore;

/// What was deleted.
#[derive(Clone)]
pub(super) enum Deleted {
    Agent,
    /// An agent's own key for a gateway, by the agent's id.
    AgentKey {
        id: String,
        gateway: String,
    },
    /// With the kind that it had, which a managed gateway must keep to.
    Provider(ProviderKind),
    ProviderKey,
    Source,
    /// The documents in which a model was replaced, as they were before.
    ReplacedModel(Vec<EditedDocument>),
}

/// An agent's document before an edit.
#[derive(Clone)]
pub(super) struct EditedDocument {
    pub(super) agent: String,
    pub(super) yaml: String,
    /// The version that the edit gave it. A later one stays as it is.
    pub(super) version: u64,
}

/// All that puts a thing back.
#[derive(Clone)]
pub(super) struct Deletion {
    pub(super) deleted: Deleted,
    /// Its name or slug; of a key, its provider's or agent's.
    pub(super) name: String,
    pub(super) rows: DeletedRows,
    /// Its secrets, where it had any.
    pub(super) secrets: Option<SecretsBefore>,
    /// The default model, where it went with it.
    pub(super) default_model: Option<String>,
}

impl Deleted {
    pub(super) fn kind(&self) -> RestoredKind {
        match self {
            Self::Agent => RestoredKind::Agent,
            Self::AgentKey { .. } => RestoredKind::AgentKey,
            Self::Provider(_) => RestoredKind::Provider,
            Self::ProviderKey => RestoredKind::ProviderKey,
            Self::Source => RestoredKind::Source,
            Self::ReplacedModel(_) => RestoredKind::ReplacedModel,
        }
    }
}
