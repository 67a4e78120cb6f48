//! Why nothing was done with a row: it is missing, its name is taken, or it changed in the meantime.

use super::DomainError;
use crate::store::{StoreError, StoreErrorKind};

/// No provider has this name.
pub(super) fn no_provider(name: &str) -> DomainError {
    DomainError::not_found(format!("There is no provider `{name}`."))
}

/// No agent has this name.
pub(super) fn no_agent(name: &str) -> DomainError {
    DomainError::not_found(format!("There is no agent `{name}`."))
}

/// No custom source has this slug.
pub(super) fn no_source(slug: &str) -> DomainError {
    DomainError::not_found(format!("There is no custom source `{slug}`."))
}

/// The error of an insert whose unique name is taken, as the domain says it.
pub(super) fn taken(error: StoreError, conflict: impl FnOnce() -> DomainError) -> DomainError {
    match error.kind() {
        StoreErrorKind::Conflict => conflict(),
        _ => error.into(),
    }
}

/// A slug that was asked for and is another's.
pub(super) fn slug_taken(slug: &str) -> DomainError {
    let message = format!(
        "The name `{slug}` is already used by a provider, another source or Waypost itself. Choose another slug."
    );
    DomainError::conflict("name_taken", message).at("slug")
}

/// Another process changed the owner between its secrets and its rows.
pub(super) fn changed_meanwhile(name: &str) -> DomainError {
    let message = format!("`{name}` was changed in the meantime, so nothing was saved. Try again.");
    DomainError::conflict("changed_meanwhile", message)
}
