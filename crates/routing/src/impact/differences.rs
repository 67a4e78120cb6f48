//! What means something else in another configuration, by the names that agents use.

use crate::agent::Agent;
use crate::catalog::BlockedName;
use crate::credential::{
    agent_key_secret, provider_secret, source_auth_secret, source_headers_secret,
};
use crate::routing_table::{Index, Reference, RoutingTable, references};
use std::collections::BTreeSet;

/// The differences between two configurations, as far as an agent can refer to them.
pub(super) struct Differences<'w> {
    before: &'w RoutingTable,
    after: &'w RoutingTable,
    /// The secrets backend began or ceased to answer, or variables are granted otherwise, which may
    /// touch every agent.
    everything: bool,
    /// Names of providers, sources and blocked entries that differ.
    names: BTreeSet<&'w str>,
    /// Whether the managed gateway, or a message about it, differs.
    managed: bool,
    default_model: bool,
    /// Environment variables that are set in one state only.
    variables: BTreeSet<&'w str>,
    /// The ids of agents whose own keys differ.
    agent_ids: BTreeSet<&'w str>,
}

impl<'w> Differences<'w> {
    pub(super) fn between(before: &'w RoutingTable, after: &'w RoutingTable) -> Self {
        let (old, new) = (before.snapshot(), after.snapshot());
        let both = [before, after];
        let known: BTreeSet<&str> = both
            .into_iter()
            .flat_map(|table| table.names().chain(table.model_owners()))
            .collect();
        let names: BTreeSet<&str> = known
            .into_iter()
            .filter(|name| is_different(before, after, name))
            .collect();
        // A name that comes or goes may change what a mistyped one is taken for.
        let same_names = before.names().eq(after.names());
        let managed = old.managed_gateway != new.managed_gateway
            || !same_names
            || names.contains(old.managed_gateway.as_str());
        let variables = old
            .environment
            .set
            .symmetric_difference(&new.environment.set);
        Self {
            before,
            after,
            everything: old.secrets.unavailable != new.secrets.unavailable
                || old.environment.grants != new.environment.grants
                || old.environment.is_callers_own != new.environment.is_callers_own
                || old.granted_origins != new.granted_origins
                || old.secrets.unknown != new.secrets.unknown
                || old.secrets.missing != new.secrets.missing,
            names,
            managed,
            default_model: old.default_model != new.default_model,
            variables: variables.map(String::as_str).collect(),
            agent_ids: both
                .into_iter()
                .flat_map(RoutingTable::own_keys)
                .filter(|(id, gateway)| {
                    let name = agent_key_secret(id, gateway);
                    !old.secrets.agree_on(&name, &new.secrets)
                })
                .map(|(id, _)| id)
                .collect(),
        }
    }

    /// For each kind of request, whether it may resolve differently. It errs only towards yes.
    pub(super) fn touched(&self, index: &Index) -> Vec<bool> {
        let mut touched = vec![self.everything; index.requests.len()];
        for (reference, kinds) in &index.referring {
            if self.touch_reference(reference) {
                for kind in kinds {
                    touched[*kind] = true;
                }
            }
        }
        touched
    }

    /// Whether an agent may resolve differently. It errs only towards yes.
    pub(super) fn touch(&self, agent: &Agent) -> bool {
        self.everything
            || self.agent_ids.contains(agent.id.as_str())
            || (!self.is_empty()
                && references(agent, &mut |reference| self.touch_reference(&reference)))
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.variables.is_empty() && !self.managed && !self.default_model
    }

    fn touch_reference(&self, reference: &Reference<'_>) -> bool {
        match reference {
            Reference::Source(slug) => self.names.contains(&**slug),
            Reference::Variable(variable) => self.variables.contains(&**variable),
            Reference::Name(name) => self.touch_name(name),
            Reference::Nameless => self.managed,
            Reference::DefaultModel => {
                let default_model = self.after.snapshot().default_model.as_deref();
                let model = default_model.map(|text| Reference::of_text(text.into()));
                self.default_model || model.is_some_and(|model| self.touch_reference(&model))
            }
        }
    }

    fn touch_name(&self, name: &str) -> bool {
        // Everything that no provider takes ends at the managed gateway, or may.
        self.names.contains(name) || (self.managed && !self.stands_alone(name))
    }

    /// Whether refs with this name never come to the managed gateway, in either state.
    fn stands_alone(&self, name: &str) -> bool {
        [self.before, self.after]
            .iter()
            .all(|table| table.provider(name).is_some() || table.catalog().blocked(name).is_some())
    }
}

/// Whether anything that routing knows under a name differs between two configurations.
fn is_different(before: &RoutingTable, after: &RoutingTable, name: &str) -> bool {
    before.provider(name) != after.provider(name)
        || before.source(name) != after.source(name)
        || blocked(before, name) != blocked(after, name)
        || before.models_of(name) != after.models_of(name)
        || secrets(before, name) != secrets(after, name)
        || has_variable(before, name) != has_variable(after, name)
        || before.snapshot().down.contains(name) != after.snapshot().down.contains(name)
}

fn blocked<'w>(table: &'w RoutingTable, name: &str) -> Option<&'w BlockedName> {
    table.catalog().blocked(name)
}

/// The origins that the secrets of a name are bound to.
fn secrets<'w>(table: &'w RoutingTable, name: &str) -> [Option<&'w String>; 3] {
    let names = [
        provider_secret(name),
        source_auth_secret(name),
        source_headers_secret(name),
    ];
    names.map(|secret| table.snapshot().secrets.stored.get(&secret))
}

/// Whether the variable is set that the entry of a name takes its key from.
fn has_variable(table: &RoutingTable, name: &str) -> Option<bool> {
    let variable = table.provider(name)?.entry.api_key_env.as_ref()?;
    Some(table.snapshot().environment.set.contains(variable))
}
