//! The indexed view of a snapshot that refs are resolved in.

mod agents;
mod alike;
mod index;
mod reference;

pub(crate) use agents::{Agents, Index};
pub(crate) use index::{ProviderSlot, ReadUrl, SourceSlot};
pub(crate) use reference::{Reference, references};

use crate::agent::Agent;
use crate::catalog::Catalog;
use crate::endpoint::{Endpoint, provider_endpoint, source_endpoint};
use crate::snapshot::{ModelFact, Snapshot};
use crate::suggestion::closest;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A snapshot made ready for resolving: every base URL is read once, names are indexed, and what
/// is broken is known to be broken. Making one cannot fail, so that resolving cannot either.
#[derive(Clone, Debug)]
pub struct RoutingTable {
    snapshot: Snapshot,
    catalog: Catalog,
    providers: BTreeMap<String, ProviderSlot>,
    sources: BTreeMap<String, SourceSlot>,
    provider_endpoints: BTreeMap<String, Endpoint>,
    source_endpoints: BTreeMap<String, Endpoint>,
    models: BTreeMap<String, BTreeMap<String, ModelFact>>,
    agents: Agents,
}

impl RoutingTable {
    /// Reads a snapshot. The agents move out of it, to where routing tables can share them.
    #[must_use]
    pub fn new(mut snapshot: Snapshot) -> Self {
        let agents: Arc<[Agent]> = std::mem::take(&mut snapshot.agents).into();
        let catalog = Catalog::new(snapshot.providers.clone(), snapshot.blocked.clone());
        let providers: BTreeMap<String, ProviderSlot> = catalog
            .listed()
            .filter_map(|listed| catalog.effective(&listed.name))
            .map(|entry| {
                let replaced = catalog.replaced(&entry.name);
                let slot = ProviderSlot::new(entry, replaced, &snapshot.environment);
                (entry.name.clone(), slot)
            })
            .collect();
        let sources: BTreeMap<String, SourceSlot> = snapshot
            .sources
            .iter()
            .map(|source| (source.slug.clone(), SourceSlot::new(source)))
            .collect();
        // Most requests use an endpoint as it is, so that each is worked out once.
        let provider_endpoints = providers
            .iter()
            .map(|(name, slot)| (name.clone(), provider_endpoint(&snapshot, slot, None)))
            .collect();
        let source_endpoints = sources
            .iter()
            .map(|(slug, slot)| (slug.clone(), source_endpoint(&snapshot, slot, None)))
            .collect();
        let mut models: BTreeMap<String, BTreeMap<String, ModelFact>> = BTreeMap::new();
        for model in &snapshot.models {
            let of_owner = models.entry(model.owner.clone()).or_default();
            of_owner.insert(model.id.clone(), model.clone());
        }
        Self {
            snapshot,
            catalog,
            providers,
            sources,
            provider_endpoints,
            source_endpoints,
            models,
            agents: agents.into(),
        }
    }

    /// The same routing table with these agents in it. They are shared, so that a scenario of a change costs
    /// no copy of them.
    #[must_use]
    pub fn with_agents(self, agents: Arc<[Agent]>) -> Self {
        Self {
            agents: agents.into(),
            ..self
        }
    }

    /// Another configuration with the agents of this one.
    #[must_use]
    pub fn changed(&self, snapshot: Snapshot) -> Self {
        Self {
            agents: self.agents.clone(),
            ..Self::new(snapshot)
        }
    }

    /// The agents.
    #[must_use]
    pub fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// Indexes the agents ahead of the first impact, which does so otherwise.
    pub fn index_agents(&self) {
        self.agents.index();
    }

    /// The agent of a name.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.named(name)
    }

    /// The agents as routing tables share them, with their index.
    pub(crate) fn shared_agents(&self) -> &Agents {
        &self.agents
    }

    /// The snapshot that the routing table was made from, without its agents.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The providers in their layers.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) fn provider(&self, name: &str) -> Option<&ProviderSlot> {
        self.providers.get(name)
    }

    pub(crate) fn source(&self, slug: &str) -> Option<&SourceSlot> {
        self.sources.get(slug)
    }

    /// The endpoint of a provider, as nobody overrides it.
    pub(crate) fn provider_endpoint(&self, name: &str) -> Option<&Endpoint> {
        self.provider_endpoints.get(name)
    }

    /// The endpoint of a source, at its own base URL.
    pub(crate) fn source_endpoint(&self, slug: &str) -> Option<&Endpoint> {
        self.source_endpoints.get(slug)
    }

    /// What is known of a model, unless it is plainly enabled or not known at all.
    pub(crate) fn model(&self, owner: &str, id: &str) -> Option<&ModelFact> {
        self.models.get(owner)?.get(id)
    }

    /// The models of one owner that are not plainly enabled.
    pub(crate) fn models_of(&self, owner: &str) -> Option<&BTreeMap<String, ModelFact>> {
        self.models.get(owner)
    }

    /// Everybody of whose models something is known.
    pub(crate) fn model_owners(&self) -> impl Iterator<Item = &str> {
        self.models.keys().map(String::as_str)
    }

    /// Every name that a ref may begin with.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let sources = self.sources.keys().map(String::as_str);
        self.catalog.names().chain(sources)
    }

    /// The name that a mistyped one is probably meant to be.
    pub(crate) fn closest_name(&self, typed: &str) -> Option<&str> {
        closest(typed, self.names())
    }
}
