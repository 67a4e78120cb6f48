//! Providers and sources as the resolver keeps them: with their URLs read.

use crate::base_url::{BaseUrl, BaseUrlError};
use crate::catalog::{Catalog, Layer, ProviderEntry, ProviderKind, base_url_variables};
use crate::endpoint::Endpoint;
use crate::snapshot::EnvironmentFacts;
use crate::source::SourceFacts;
use std::ops::Deref;

/// A base URL that was read, or why it cannot be.
pub(crate) type ReadUrl = Result<BaseUrl, BaseUrlError>;

/// A provider or source with the endpoint of requests that override nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WithEndpoint<S> {
    pub(crate) slot: S,
    pub(crate) endpoint: Endpoint,
}

impl<S> Deref for WithEndpoint<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.slot
    }
}

/// The provider in force under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderSlot {
    pub(crate) entry: ProviderEntry,
    pub(crate) base_url: ReadUrl,
    /// The variable that overrides the base URL, with what it says. Only gateways have one.
    pub(crate) environment: Option<(String, ReadUrl)>,
    /// The origin that keys from the environment are meant for. See [`home_origin`].
    pub(crate) home_origin: Option<String>,
}

impl ProviderSlot {
    pub(super) fn new(
        entry: &ProviderEntry,
        catalog: &Catalog,
        environment: &EnvironmentFacts,
    ) -> Self {
        let replaced = catalog.replaced(&entry.name);
        let base_url = BaseUrl::parse(&entry.base_url);
        let environment = match entry.kind {
            ProviderKind::Gateway => override_of(&entry.name, environment),
            ProviderKind::OpenaiCompatible => None,
        };
        let home_origin = home_origin(entry, replaced, &base_url);
        Self {
            entry: entry.clone(),
            base_url,
            environment,
            home_origin,
        }
    }
}

/// The first variable of the name's that is set to something that is not blank.
fn override_of(name: &str, environment: &EnvironmentFacts) -> Option<(String, ReadUrl)> {
    base_url_variables(name).into_iter().find_map(|variable| {
        let value = environment.base_urls.get(&variable)?;
        if value.trim().is_empty() {
            return None;
        }
        let read = BaseUrl::parse(value);
        Some((variable, read))
    })
}

/// The origin that the name stands for before anything overrides it. A file that replaces an entry
/// moves the name to another origin, so there the replaced entry's counts; what an administrator
/// enters in the workspace is a decision of its own.
fn home_origin(
    entry: &ProviderEntry,
    replaced: Option<&ProviderEntry>,
    base_url: &ReadUrl,
) -> Option<String> {
    let before_the_file = replaced.filter(|_| entry.layer == Layer::UserLocal);
    match before_the_file {
        Some(replaced) => BaseUrl::parse(&replaced.base_url).ok(),
        None => base_url.as_ref().ok().cloned(),
    }
    .map(|url| url.origin())
}

/// A custom source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceSlot {
    pub(crate) facts: SourceFacts,
    pub(crate) base_url: ReadUrl,
}

impl SourceSlot {
    pub(super) fn new(facts: &SourceFacts) -> Self {
        Self {
            facts: facts.clone(),
            base_url: BaseUrl::parse(&facts.base_url),
        }
    }
}
