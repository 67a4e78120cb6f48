//! Providers and sources as the resolver keeps them: with their URLs read.

use super::Endpoint;
use crate::base_url::{BaseUrl, BaseUrlError};
use crate::catalog::{Catalog, Layer, ProviderEntry, ProviderKind, base_url_variables};
use crate::snapshot::EnvironmentState;
use crate::source::SourceEntry;
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

/// The effective provider of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderSlot {
    pub(crate) entry: ProviderEntry,
    pub(crate) base_url: ReadUrl,
    /// The variable that overrides the base URL, with what it says. Only gateways have one.
    pub(crate) environment: Option<(String, ReadUrl)>,
    /// The origin that keys from the environment are meant for. See [`home_origin`].
    pub(crate) home_origin: Option<String>,
    /// The variable that the operator's own entry names, and the origins that it may be sent to.
    pub(crate) configured_key: Option<ConfiguredKey>,
}

/// The use of an environment variable that the built-in catalog or the providers file make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfiguredKey {
    variable: String,
    origins: Vec<String>,
}

impl ProviderSlot {
    pub(crate) fn new(
        entry: &ProviderEntry,
        catalog: &Catalog,
        environment: &EnvironmentState,
    ) -> Self {
        let replaced = catalog.replaced(&entry.name);
        let base_url = BaseUrl::parse(&entry.base_url);
        let environment = match entry.kind {
            ProviderKind::Gateway => override_of(&entry.name, environment),
            ProviderKind::OpenaiCompatible => None,
        };
        let home_origin = home_origin(entry, replaced, &base_url);
        let configured_key = configured_key(catalog, entry, environment.as_ref());
        Self {
            entry: entry.clone(),
            base_url,
            environment,
            home_origin,
            configured_key,
        }
    }

    /// Whether a variable may be sent to an origin on behalf of this provider.
    pub(crate) fn may_send(
        &self,
        variable: &str,
        origin: &str,
        environment: &EnvironmentState,
    ) -> bool {
        let is_configured = self.configured_key.as_ref().is_some_and(|key| {
            key.variable == variable && key.origins.iter().any(|own| own == origin)
        });
        is_configured || environment.grants(variable, origin)
    }
}

/// Ignores entries of the workspace, because administrators need not have access to the
/// environment.
fn configured_key(
    catalog: &Catalog,
    entry: &ProviderEntry,
    overriding: Option<&(String, ReadUrl)>,
) -> Option<ConfiguredKey> {
    let configured = catalog.below_workspace(&entry.name)?;
    let of_environment = overriding
        .filter(|_| configured.kind == ProviderKind::Gateway)
        .and_then(|(_, url)| url.as_ref().ok().cloned());
    let own = BaseUrl::parse(&configured.base_url).ok();
    Some(ConfiguredKey {
        variable: configured.api_key_env.clone()?,
        origins: own
            .into_iter()
            .chain(of_environment)
            .map(|url| url.origin())
            .collect(),
    })
}

/// The first variable of the name's that is set to something that is not blank.
fn override_of(name: &str, environment: &EnvironmentState) -> Option<(String, ReadUrl)> {
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
/// moves the name to another origin, so there the replaced entry's counts; a workspace entry is an
/// administrator's decision and counts itself.
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
    pub(crate) entry: SourceEntry,
    pub(crate) base_url: ReadUrl,
}

impl SourceSlot {
    pub(crate) fn new(entry: &SourceEntry) -> Self {
        Self {
            entry: entry.clone(),
            base_url: BaseUrl::parse(&entry.base_url),
        }
    }
}
