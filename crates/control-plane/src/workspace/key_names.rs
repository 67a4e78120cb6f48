//! The names under which the keys of a provider or source are stored.

use super::owner::Owner;
use waypost_routing::credential::{provider_secret, source_auth_secret};

/// What follows the name of the current key in that of the staged one.
const NEXT: &str = "/next";
/// What follows the name of the current key in that of the previous one.
const PREVIOUS: &str = "/previous";

/// The names of the keys of one owner.
#[derive(Clone)]
pub(super) struct KeyNames {
    pub(super) current: String,
    pub(super) next: String,
    pub(super) previous: String,
}

impl KeyNames {
    pub(super) fn of(owner: &Owner) -> Self {
        match owner {
            Owner::Provider(name) => Self::of_provider(name),
            Owner::Source(slug) => Self::of_source(slug),
        }
    }

    pub(super) fn of_provider(name: &str) -> Self {
        Self::new(provider_secret(name))
    }

    pub(super) fn of_source(slug: &str) -> Self {
        Self::new(source_auth_secret(slug))
    }

    fn new(current: String) -> Self {
        Self {
            next: [&current, NEXT].concat(),
            previous: [&current, PREVIOUS].concat(),
            current,
        }
    }

    pub(super) fn all(self) -> [String; 3] {
        [self.current, self.next, self.previous]
    }

    /// The owner of a secret that is a staged or a previous key.
    pub(super) fn owner_of_staged(secret: &str) -> Option<Owner> {
        let current = secret
            .strip_suffix(NEXT)
            .or_else(|| secret.strip_suffix(PREVIOUS))?;
        let (name, _) = current.rsplit_once('/')?;
        Some(match name.strip_prefix("sources/") {
            Some(slug) => Owner::Source(slug.to_owned()),
            None => Owner::Provider(name.to_owned()),
        })
    }
}

/// Whether a secret is a staged or a previous key, which no request carries.
pub(super) fn is_staged(secret: &str) -> bool {
    secret.ends_with(NEXT) || secret.ends_with(PREVIOUS)
}
