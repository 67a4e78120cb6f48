//! The indexed view of a snapshot that refs are resolved in.

mod agents;
mod effective;
mod own_keys;
mod reference;
mod request_key;

pub use agents::AgentSet;
pub(crate) use agents::Index;
pub use effective::{
    EffectiveProvider, EffectiveSource, effective_gateway, effective_provider, effective_source,
};
use own_keys::OwnKeys;
pub(crate) use reference::{Reference, references};

use crate::agent::{Agent, AgentReading};
use crate::catalog::Catalog;
use crate::credential::{provider_secret, source_auth_secret, source_headers_secret};
use crate::endpoint::{
    OfAgent, ProviderSlot, SourceSlot, WithEndpoint, provider_endpoint, source_endpoint,
};

use crate::model_id;
use crate::model_ref::{ModelRef, ParseError};
use crate::snapshot::{EnvironmentState, ModelEntry, SecretStates, Snapshot};
use crate::suggestion::closest;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A snapshot made ready for resolving: every base URL is read once, names are indexed, and what
/// is broken is known to be broken. Making one cannot fail, so that resolving cannot either.
///
/// A table is never changed. A changed one shares with it whatever is the same, so that its cost
/// is that of the change; see [`RoutingTable::with_agent`] and its neighbours.
#[derive(Clone, Debug)]
pub struct RoutingTable {
    configuration: Arc<Configuration>,
    agents: AgentSet,
    /// The number of the stored state that it was made from.
    generation: u64,
}

/// All of a routing table but the agents.
#[derive(Clone, Debug)]
struct Configuration {
    /// Without its agents.
    snapshot: Snapshot,
    catalog: Arc<Catalog>,
    providers: BTreeMap<String, Arc<WithEndpoint<ProviderSlot>>>,
    sources: BTreeMap<String, Arc<WithEndpoint<SourceSlot>>>,
    models: BTreeMap<String, Arc<BTreeMap<String, ModelEntry>>>,
    /// The patterns that each owner lists.
    patterns: BTreeMap<String, Vec<String>>,
    own_keys: OwnKeys,
}

/// The patterns among the models of an owner. An owner without any has no entry.
fn patterns_of(entries: &BTreeMap<String, ModelEntry>) -> Option<Vec<String>> {
    let listed = entries.values().filter(|entry| !entry.absent);
    let patterns = listed.filter(|entry| model_id::is_pattern(&entry.id));
    let patterns: Vec<String> = patterns.map(|entry| entry.id.clone()).collect();
    (!patterns.is_empty()).then_some(patterns)
}

impl Configuration {
    fn new(snapshot: Snapshot) -> Self {
        let catalog = Catalog::new(snapshot.providers.clone(), snapshot.blocked.clone());
        let sources = snapshot
            .sources
            .iter()
            .map(|source| {
                let slot = SourceSlot::new(source);
                let endpoint = source_endpoint(&snapshot, &slot, None);
                let ready = Arc::new(WithEndpoint { slot, endpoint });
                (source.slug.clone(), ready)
            })
            .collect();
        let mut models: BTreeMap<String, BTreeMap<String, ModelEntry>> = BTreeMap::new();
        for model in &snapshot.models {
            let of_owner = models.entry(model.owner.clone()).or_default();
            of_owner.insert(model.id.clone(), model.clone());
        }
        let patterns = models
            .iter()
            .filter_map(|(owner, facts)| Some((owner.clone(), patterns_of(facts)?)))
            .collect();
        let models = models.into_iter();
        Self {
            patterns,
            own_keys: OwnKeys::of(&snapshot.secrets),
            providers: providers(&catalog, &snapshot),
            sources,
            models: models
                .map(|(owner, models)| (owner, Arc::new(models)))
                .collect(),
            catalog: Arc::new(catalog),
            snapshot,
        }
    }
}

/// The effective providers, with the endpoints that most requests use unchanged.
fn providers(
    catalog: &Catalog,
    snapshot: &Snapshot,
) -> BTreeMap<String, Arc<WithEndpoint<ProviderSlot>>> {
    catalog
        .listed()
        .filter_map(|listed| catalog.effective(&listed.name))
        .map(|entry| {
            let slot = ProviderSlot::new(entry, catalog, &snapshot.environment);
            let endpoint = provider_endpoint(snapshot, &slot, OfAgent::default());
            let ready = Arc::new(WithEndpoint { slot, endpoint });
            (entry.name.clone(), ready)
        })
        .collect()
}

impl RoutingTable {
    /// Reads a snapshot. The agents move out of it, to where routing tables can share them.
    #[must_use]
    pub fn new(mut snapshot: Snapshot) -> Self {
        let agents = std::mem::take(&mut snapshot.agents);
        Self {
            configuration: Arc::new(Configuration::new(snapshot)),
            agents: agents.into(),
            generation: 0,
        }
    }

    /// The same routing table with these agents in it. They are shared, so that a scenario costs
    /// no copy of them.
    #[must_use]
    pub fn with_agents(self, agents: AgentSet) -> Self {
        Self { agents, ..self }
    }

    /// The same routing table as one of another stored state, by that state's number.
    #[must_use]
    pub fn with_generation(self, generation: u64) -> Self {
        Self { generation, ..self }
    }

    /// The number of the stored state that the table was made from: it rises with every change. 0 if
    /// it was not made from a stored state.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The same routing table with this agent added, or in place of the one of its name. Nothing
    /// else is read or copied.
    #[must_use]
    pub fn with_agent(&self, agent: Agent) -> Self {
        self.clone().with_agents(self.agents.with(agent))
    }

    /// The same routing table without the agent of this name.
    #[must_use]
    pub fn without_agent(&self, name: &str) -> Self {
        self.clone().with_agents(self.agents.without(name))
    }

    /// The same routing table with other secrets. Only the endpoints of providers and sources whose
    /// secrets differ are worked out again.
    #[must_use]
    pub fn with_secrets(&self, secrets: SecretStates) -> Self {
        let mut configuration = (*self.configuration).clone();
        configuration.own_keys = OwnKeys::of(&secrets);
        let old = std::mem::replace(&mut configuration.snapshot.secrets, secrets);
        let (snapshot, new) = (&configuration.snapshot, &configuration.snapshot.secrets);
        let is_changed = |name: String| !old.agree_on(&name, new);
        for (name, provider) in &mut configuration.providers {
            if is_changed(provider_secret(name)) {
                *provider = Arc::new(WithEndpoint {
                    slot: provider.slot.clone(),
                    endpoint: provider_endpoint(snapshot, &provider.slot, OfAgent::default()),
                });
            }
        }
        for (slug, source) in &mut configuration.sources {
            if is_changed(source_auth_secret(slug)) || is_changed(source_headers_secret(slug)) {
                *source = Arc::new(WithEndpoint {
                    slot: source.slot.clone(),
                    endpoint: source_endpoint(snapshot, &source.slot, None),
                });
            }
        }
        self.with_configuration(configuration)
    }

    /// The same routing table in another process environment. Only the providers are read again.
    #[must_use]
    pub fn with_environment(&self, environment: EnvironmentState) -> Self {
        let mut configuration = (*self.configuration).clone();
        configuration.snapshot.environment = environment;
        configuration.providers = providers(&configuration.catalog, &configuration.snapshot);
        self.with_configuration(configuration)
    }

    /// The same routing table with other entries for the models of one provider or source. Facts
    /// about models of others are ignored.
    #[must_use]
    pub fn with_models_of(&self, owner: &str, models: Vec<ModelEntry>) -> Self {
        let mut configuration = (*self.configuration).clone();
        let entries: BTreeMap<String, ModelEntry> = models
            .into_iter()
            .filter(|model| model.owner == owner)
            .map(|model| (model.id.clone(), model))
            .collect();
        let all = &mut configuration.snapshot.models;
        all.retain(|model| model.owner != owner);
        // By owner and id, as a snapshot that is read anew has them.
        let at = all.partition_point(|model| model.owner.as_str() < owner);
        all.splice(at..at, entries.values().cloned());
        match patterns_of(&entries) {
            None => configuration.patterns.remove(owner),
            Some(patterns) => configuration.patterns.insert(owner.to_owned(), patterns),
        };
        match entries.is_empty() {
            true => configuration.models.remove(owner),
            false => configuration
                .models
                .insert(owner.to_owned(), entries.into()),
        };
        self.with_configuration(configuration)
    }

    fn with_configuration(&self, configuration: Configuration) -> Self {
        Self {
            configuration: Arc::new(configuration),
            agents: self.agents.clone(),
            generation: self.generation,
        }
    }

    /// Another configuration with the agents of this one.
    #[must_use]
    pub fn changed(&self, snapshot: Snapshot) -> Self {
        self.with_configuration(Configuration::new(Snapshot {
            agents: Vec::new(),
            ..snapshot
        }))
    }

    /// The agents.
    #[must_use]
    pub fn agents(&self) -> &AgentSet {
        &self.agents
    }

    /// Indexes the agents ahead of the first impact, which does so otherwise.
    pub fn index_agents(&self) {
        self.agents.index();
    }

    /// The agent of a name.
    #[must_use]
    pub fn agent(&self, name: &str) -> Option<&Agent> {
        self.agents.get(name)
    }

    /// Whether an agent has its own stored key for this gateway.
    #[must_use]
    pub fn has_own_key(&self, agent: &Agent, gateway: &str) -> bool {
        self.configuration.own_keys.has(&agent.id, gateway)
    }

    /// Whether an agent has its own stored key for any gateway. What it sends may then resolve
    /// otherwise than what is alike of other agents.
    pub(crate) fn has_own_keys(&self, agent: &Agent) -> bool {
        self.configuration.own_keys.has_any(&agent.id)
    }

    /// The agents' own keys: the id of the agent, and the gateway.
    pub(crate) fn own_keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.configuration.own_keys.iter()
    }

    /// The snapshot that the routing table was made from, without its agents.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.configuration.snapshot
    }

    /// The providers in their layers.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.configuration.catalog
    }

    pub(crate) fn provider(&self, name: &str) -> Option<&WithEndpoint<ProviderSlot>> {
        Some(self.configuration.providers.get(name)?)
    }

    pub(crate) fn source(&self, slug: &str) -> Option<&WithEndpoint<SourceSlot>> {
        Some(self.configuration.sources.get(slug)?)
    }

    /// Reads a ref. One that the grammar refuses is well-formed if its model part is exactly an id
    /// that its owner lists.
    pub(crate) fn parse_ref<'a>(&self, text: &'a str) -> Result<ModelRef<'a>, ParseError> {
        ModelRef::parse(text).or_else(|error| {
            let listed = ModelRef::of_listed(text).filter(|listed| {
                let (name, rest) = (listed.name(), listed.rest());
                let fact = name.and_then(|name| self.model(name, rest?));
                fact.is_some()
            });
            listed.ok_or(error)
        })
    }

    /// Adds to the reading of an agent's document what only a routing table can say: what
    /// [`AgentReading::checked_against`] adds, and `model_is_pattern` for a pattern that is listed.
    /// A ref to an id that its owner lists is fine, whatever the grammar says of it.
    #[must_use]
    pub fn check_document(&self, reading: AgentReading) -> AgentReading {
        let check = |text: &str| {
            let parsed = self.parse_ref(text).ok()?;
            let (name, rest) = (parsed.name(), parsed.rest());
            Some(rest.is_some_and(|rest| self.is_pattern(name, rest)))
        };
        reading.check_refs(check).checked_against(self.catalog())
    }

    /// Whether a model string stands for many models: by its form, or because its owner lists it.
    pub(crate) fn is_pattern(&self, owner: Option<&str>, model: &str) -> bool {
        model_id::is_pattern_form(model)
            || (model_id::is_pattern(model)
                && owner.is_some_and(|owner| self.model(owner, model).is_some()))
    }

    /// Whether a pattern that the owner lists stands for this model, so that the owner knows it.
    #[must_use]
    pub fn is_covered(&self, owner: &str, id: &str) -> bool {
        let patterns = self.configuration.patterns.get(owner);
        patterns.is_some_and(|patterns| {
            !model_id::is_pattern(id)
                && patterns.iter().any(|pattern| model_id::covers(pattern, id))
        })
    }

    /// What is known of a model, unless it is plainly enabled or not known at all.
    pub(crate) fn model(&self, owner: &str, id: &str) -> Option<&ModelEntry> {
        self.configuration.models.get(owner)?.get(id)
    }

    /// The models of one owner that are not plainly enabled.
    pub(crate) fn models_of(&self, owner: &str) -> Option<&BTreeMap<String, ModelEntry>> {
        Some(self.configuration.models.get(owner)?)
    }

    /// The providers and sources of whose models something is known.
    pub(crate) fn model_owners(&self) -> impl Iterator<Item = &str> {
        self.configuration.models.keys().map(String::as_str)
    }

    /// Every name that a ref may begin with.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let sources = self.configuration.sources.keys().map(String::as_str);
        self.configuration.catalog.names().chain(sources)
    }

    /// The name that a mistyped one is probably meant to be.
    pub(crate) fn closest_name(&self, typed: &str) -> Option<&str> {
        closest(typed, self.names())
    }
}

#[cfg(test)]
mod tests;
