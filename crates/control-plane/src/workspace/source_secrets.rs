//! What an edit of a custom source changes in the secrets backend.

use super::DomainError;
use super::key_names::KeyNames;
use super::state::origin_of;
use super::static_headers::write_headers;
use crate::store::StoredSource;
use std::collections::BTreeMap;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_secrets::{SecretChange, SecretText};
use waypost_system::clock;

/// What becomes of one of the two secrets of a source.
pub(super) enum Change<T> {
    Keep,
    Remove,
    Put(T),
}

/// The changes in the secrets backend, for the origin that the source has after them.
pub(super) fn secret_changes(
    source: &StoredSource,
    auth_value: Change<SecretText>,
    headers: Change<BTreeMap<String, SecretText>>,
) -> Result<Vec<SecretChange>, DomainError> {
    let origin = origin_of(&source.base_url);
    let bound = || {
        origin.as_deref().ok_or_else(|| {
            let message = "Enter the base URL too. A secret is stored for one origin.";
            DomainError::invalid("base_url", "missing_base_url", message)
        })
    };
    let mut changes = Vec::new();
    match auth_value {
        Change::Keep => {}
        Change::Remove => changes.push(SecretChange::remove(source_auth_secret(&source.slug))),
        Change::Put(value) => {
            let name = source_auth_secret(&source.slug);
            changes.push(SecretChange::put(name, bound()?, value, clock::now()));
        }
    }
    match headers {
        Change::Keep => {}
        Change::Remove => changes.push(SecretChange::remove(source_headers_secret(&source.slug))),
        Change::Put(headers) => {
            let name = source_headers_secret(&source.slug);
            changes.push(SecretChange::put(
                name,
                bound()?,
                write_headers(&headers),
                clock::now(),
            ));
        }
    }
    Ok(changes)
}

/// Removes the staged and the previous key of a source.
pub(super) fn staged_removals(slug: &str) -> [SecretChange; 2] {
    let names = KeyNames::of_source(slug);
    [names.next, names.previous].map(SecretChange::remove)
}
