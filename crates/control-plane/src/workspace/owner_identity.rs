//! Whether a provider or custom source is still the same one once an answer of its upstream is there.

use super::DomainError;
use super::owner::Owner;
use super::state::WorkspaceState;
use waypost_routing::routing_table::effective_provider;

/// What an answer is an answer for: were it another one by now, it would be saved for the wrong
/// endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The number of the source or workspace provider, which no later one of its name has.
    id: Option<i64>,
    base_url: String,
}

pub(super) fn identity(state: &WorkspaceState, owner: &Owner) -> Result<Identity, DomainError> {
    match owner {
        Owner::Source(slug) => {
            let source = state.source(slug)?;
            Ok(Identity {
                id: Some(source.id),
                base_url: source.base_url.clone(),
            })
        }
        Owner::Provider(name) => {
            let table = state.table();
            let effective = effective_provider(&table, name)
                .ok_or_else(|| state.no_effective_provider(name))?;
            Ok(Identity {
                id: state.workspace_provider(name).map(|provider| provider.id),
                base_url: effective
                    .endpoint
                    .base_url
                    .map(|base_url| base_url.url.to_string())
                    .unwrap_or_default(),
            })
        }
    }
}
