//! What `waypost route` answers without this workspace. Pure: no state, no browser.

use crate::api::types::RouteRequest;
use crate::state::SharedTable;
use waypost_routing::agent::Agent;
use waypost_routing::builtin_catalog::MANAGED_GATEWAY;
use waypost_routing::catalog::{Layer, ProviderEntry};
use waypost_routing::credential::agent_key_of;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::{CredentialState, Resolution};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::{SecretStates, Snapshot};

/// How the command answers the same request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LocalAnswer {
    /// The stored keys that the route uses: `--secret` says that they are stored.
    pub(super) secrets: Vec<String>,
    /// Why the command gives another route; empty where it gives the same.
    pub(super) differences: Vec<Unknown>,
}

/// Something that decides the route and that the command does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// A source, or a provider that was added here.
    Entry(String),
    /// Another managed gateway than the usual one.
    ManagedGateway(String),
    /// The default model.
    DefaultModel(String),
    /// The state of a model, or an id that is known because it is listed.
    Model,
    /// The agent's own key.
    OwnKey,
    /// That a variable may not be sent to this origin.
    EnvironmentUse,
    /// A key that is stored for another origin, or that is missing.
    KeyState,
    /// Several of these at once.
    Workspace,
}

impl Unknown {
    /// After "This command gives another route: ".
    pub(super) fn words(&self) -> String {
        match self {
            Self::Entry(name) => format!("it does not know {name}, which is stored in this workspace."),
            Self::ManagedGateway(name) => {
                format!("the managed gateway is {name} in this workspace and {MANAGED_GATEWAY} without it.")
            }
            Self::DefaultModel(model) => {
                format!("it does not know the default model of this workspace, {model}.")
            }
            Self::Model => "it does not know which models this workspace lists or has disabled.".to_owned(),
            Self::OwnKey => "it does not know the agent's own key.".to_owned(),
            Self::EnvironmentUse => {
                "it may send any environment variable anywhere, while `waypost serve` follows `--env-keys`."
                    .to_owned()
            }
            Self::KeyState => {
                "it does not know for which origin a key is stored, or that its value is missing.".to_owned()
            }
            Self::Workspace => "it does not know this workspace.".to_owned(),
        }
    }
}

/// How the command answers a request. An agent's document is assumed to be the stored one, whose
/// `sources:` a server does not read.
pub(super) fn local_answer(table: &SharedTable, request: &RouteRequest) -> LocalAnswer {
    let agent = request
        .agent
        .as_deref()
        .and_then(|name| table.table().agent(name));
    if request.agent.is_some() && agent.is_none() {
        return LocalAnswer::default();
    }
    let here = answer(table.table(), agent, request);
    let secrets = stored_keys(&here);
    let there = RoutingTable::new(local_snapshot(table.snapshot(), &secrets));
    // A file has neither the id that own keys are stored under nor what was confirmed here.
    let from_file = agent.map(|agent| Agent {
        id: String::new(),
        allow_private: Vec::new(),
        ..agent.clone()
    });
    let same = |other: &Resolution| has_same_route(&here, other);
    if same(&answer(&there, from_file.as_ref(), request)) {
        return LocalAnswer {
            secrets,
            differences: Vec::new(),
        };
    }
    let mut differences: Vec<Unknown> = unknown_to_command(table.snapshot(), &here, &secrets)
        .into_iter()
        .filter(|(_, without)| {
            let table = table.table().changed(without.clone());
            !same(&answer(&table, agent, request))
        })
        .map(|(what, _)| what)
        .collect();
    if differences.is_empty() {
        differences.push(Unknown::Workspace);
    }
    LocalAnswer {
        secrets,
        differences,
    }
}

fn answer(table: &RoutingTable, agent: Option<&Agent>, request: &RouteRequest) -> Resolution {
    let request = Request::with(
        request.model_ref.as_deref(),
        request.operation,
        agent,
        request.subagent.as_deref(),
    );
    resolve(table, &request.without_trace())
}

/// The stored keys of providers that the request, or its fallback, would be sent with.
fn stored_keys(resolution: &Resolution) -> Vec<String> {
    let both = [Some(resolution), resolution.fallback.as_deref()];
    let mut keys = Vec::new();
    for credential in both
        .into_iter()
        .flatten()
        .filter_map(|one| one.route.as_ref()?.credential.as_ref())
    {
        let is_sent = matches!(
            credential.state,
            CredentialState::Present | CredentialState::Unknown
        );
        let Provenance::Secret(name) = &credential.from else {
            continue;
        };
        let is_of_provider = name.ends_with("/api-key") && agent_key_of(name).is_none();
        if is_sent && is_of_provider && !keys.contains(name) {
            keys.push(name.clone());
        }
    }
    keys
}

/// What the command builds its table from: the built-in catalog, the providers file, the
/// environment, the document and the keys that `--secret` names, for any origin.
fn local_snapshot(here: &Snapshot, secrets: &[String]) -> Snapshot {
    let stored = secrets.iter().map(|name| (name.clone(), String::new()));
    let mut environment = here.environment.clone();
    environment.is_callers_own = true;
    Snapshot {
        managed_gateway: MANAGED_GATEWAY.to_owned(),
        providers: of_file_and_catalog(here),
        blocked: here.blocked.clone(),
        environment,
        secrets: SecretStates {
            stored: stored.collect(),
            ..SecretStates::default()
        },
        ..Snapshot::default()
    }
}

fn of_file_and_catalog(here: &Snapshot) -> Vec<ProviderEntry> {
    let entries = here.providers.iter();
    let known = entries.filter(|entry| entry.layer != Layer::Workspace);
    known.cloned().collect()
}

/// Each thing that the command does not know, with the configuration without it.
fn unknown_to_command(
    here: &Snapshot,
    resolution: &Resolution,
    secrets: &[String],
) -> Vec<(Unknown, Snapshot)> {
    let mut all = Vec::new();
    let mut without = |what: Unknown, change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = here.clone();
        change(&mut snapshot);
        all.push((what, snapshot));
    };
    if let Some(name) = entry_of_workspace(here, resolution) {
        without(Unknown::Entry(name), &|snapshot| {
            snapshot.providers = of_file_and_catalog(here);
            snapshot.sources.clear();
        });
    }
    without(
        Unknown::ManagedGateway(here.managed_gateway.clone()),
        &|snapshot| MANAGED_GATEWAY.clone_into(&mut snapshot.managed_gateway),
    );
    if let Some(model) = &here.default_model {
        without(Unknown::DefaultModel(model.clone()), &|snapshot| {
            snapshot.default_model = None;
        });
    }
    without(Unknown::Model, &|snapshot| snapshot.models.clear());
    without(Unknown::OwnKey, &|snapshot| {
        let states = &mut snapshot.secrets;
        states.stored.retain(|name, _| agent_key_of(name).is_none());
        states.missing.retain(|name| agent_key_of(name).is_none());
        states.unknown.retain(|name| agent_key_of(name).is_none());
    });
    without(Unknown::EnvironmentUse, &|snapshot| {
        snapshot.environment.is_callers_own = true;
    });
    without(Unknown::KeyState, &|snapshot| {
        let is_other = |name: &String| {
            name.ends_with("/api-key") && agent_key_of(name).is_none() && !secrets.contains(name)
        };
        let states = &mut snapshot.secrets;
        states.stored.retain(|name, _| !is_other(name));
        states.missing.retain(|name| !is_other(name));
        states.unknown.retain(|name| !is_other(name));
    });
    all
}

/// The source or provider of the workspace that the request goes to or that its ref names.
fn entry_of_workspace(here: &Snapshot, resolution: &Resolution) -> Option<String> {
    let both = [Some(resolution), resolution.fallback.as_deref()];
    let names = both.into_iter().flatten().flat_map(|one| {
        let goes_to = one
            .route
            .as_ref()
            .and_then(|route| route.provider.as_deref());
        goes_to.into_iter().chain(one.model_ref.split('/').next())
    });
    let is_here_only = |name: &&str| {
        let is_source = here.sources.iter().any(|source| source.slug == *name);
        let mut entries = here.providers.iter();
        is_source || entries.any(|entry| entry.name == *name && entry.layer == Layer::Workspace)
    };
    names.into_iter().find(is_here_only).map(str::to_owned)
}

/// Whether two answers send the same request, or none for the same reason. Warnings do not count:
/// the text beside the command says what it does not know.
fn has_same_route(one: &Resolution, other: &Resolution) -> bool {
    let code = |resolution: &Resolution| Some(resolution.error.as_ref()?.code.clone());
    let sent = |resolution: &Resolution| {
        let route = resolution.route.as_ref()?;
        let headers = route.headers.iter();
        Some((
            route.kind,
            route.provider.clone(),
            route.url.clone(),
            route.wire_model.clone(),
            headers
                .map(|header| (header.name.clone(), header.value.clone()))
                .collect::<Vec<_>>(),
        ))
    };
    one.outcome == other.outcome
        && code(one) == code(other)
        && sent(one) == sent(other)
        && match (&one.fallback, &other.fallback) {
            (None, None) => true,
            (Some(one), Some(other)) => has_same_route(one, other),
            _ => false,
        }
}

#[cfg(test)]
mod tests;
