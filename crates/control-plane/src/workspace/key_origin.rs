//! The origin that the keys of a provider or source are bound to.

use super::DomainError;
use super::owner::Owner;
use super::state::{WorkspaceState, origin_of};
use waypost_routing::routing_table::effective_provider;

/// The origin that keys of an owner are entered for now.
pub(super) fn key_origin(state: &WorkspaceState, owner: &Owner) -> Result<String, DomainError> {
    match owner {
        Owner::Provider(name) => provider_origin(state, name),
        Owner::Source(slug) => origin_of(&state.source(slug)?.base_url).ok_or_else(|| {
            let message = "Enter the base URL first. A key is stored for one origin.";
            DomainError::invalid("base_url", "missing_base_url", message)
        }),
    }
}

/// The origin that requests to a provider go to now.
pub(super) fn provider_origin(state: &WorkspaceState, name: &str) -> Result<String, DomainError> {
    let table = state.table();
    let Some(effective) = effective_provider(&table, name) else {
        return Err(state.no_effective_provider(name));
    };
    match effective.endpoint.base_url {
        Ok(base_url) => Ok(base_url.url.origin()),
        Err(problem) => Err(DomainError::invalid(
            "base_url",
            problem.code,
            problem.message,
        )),
    }
}
