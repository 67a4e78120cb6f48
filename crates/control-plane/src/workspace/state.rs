//! The state of the workspace as one value, and the snapshot that routing reads.

use super::key_names::is_staged;
use super::row_errors::{no_provider, no_source};
use super::{DomainError, Inner, Workspace};
use crate::catalog::environment::Environment;
use crate::catalog::file::FileState;
use crate::catalog::layers::Layers;
use crate::store::{Configuration, StoredProvider, StoredSettings, StoredSource, Transaction};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use waypost_api_types::{NewModels, Resolution, RouteAnswer, RouteExport, RouteRequest, Snapshot};
use waypost_routing::agent::Agent;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::catalog::{Layer, ProviderKind};
use waypost_routing::credential::source_headers_secret;
use waypost_routing::export::export;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::{EnvironmentState, ModelEntry, SecretStates};
use waypost_routing::source::{SourceEntry, SourceHeader};
use waypost_secrets::{Inventory, SecretState};

/// All that is known at one moment, models left out.
pub(super) struct WorkspaceState {
    pub(super) settings: StoredSettings,
    pub(super) workspace: Vec<StoredProvider>,
    pub(super) sources: Vec<StoredSource>,
    pub(super) file: Arc<FileState>,
    pub(super) layers: Layers,
    pub(super) environment: EnvironmentState,
    pub(super) inventory: Arc<Inventory>,
    pub(super) provider_versions: BTreeMap<String, u64>,
    pub(super) new_models: BTreeMap<String, NewModels>,
    pub(super) previous_keys: BTreeMap<String, i64>,
    pub(super) sample_installed: bool,
}

impl WorkspaceState {
    /// The state that rows of one moment make with the providers file, the environment and the
    /// secrets of this one.
    pub(super) fn new(
        inner: &Inner,
        configuration: Configuration,
        inventory: Arc<Inventory>,
    ) -> Self {
        Self::of(
            inner.file.state(),
            &inner.environment,
            configuration,
            inventory,
        )
    }

    /// The state that rows of one moment make with these.
    pub(super) fn of(
        file: Arc<FileState>,
        environment: &Environment,
        configuration: Configuration,
        inventory: Arc<Inventory>,
    ) -> Self {
        let Configuration {
            settings,
            providers: workspace,
            sources,
            provider_versions,
            new_models,
            previous_keys,
            sample_installed,
        } = configuration;
        let layers = Layers::new(&file, &workspace, &sources);
        Self {
            settings,
            environment: environment.state(&layers.entries),
            inventory,
            provider_versions,
            new_models,
            previous_keys,
            sample_installed,
            workspace,
            sources,
            file,
            layers,
        }
    }

    /// What the resolver needs, without a single secret.
    pub(super) fn snapshot(&self, models: Vec<ModelEntry>) -> Snapshot {
        let sources: Vec<SourceEntry> = self.sources.iter().map(source_entry).collect();
        Snapshot {
            managed_gateway: self.settings.managed_gateway.clone(),
            default_model: self.settings.default_model.clone(),
            refuse_body_routing: self.settings.refuse_body_routing,
            providers: self.layers.entries.clone(),
            blocked: self.layers.blocked.clone(),
            environment: self.environment.clone(),
            secrets: secret_states(&self.inventory, &sources),
            sources,
            models,
            agents: Vec::new(),
            down: BTreeSet::new(),
            granted_origins: self.granted_origins(),
        }
    }

    /// The routing table without its models, on which neither base URLs nor credentials depend.
    pub(super) fn table(&self) -> RoutingTable {
        RoutingTable::new(self.snapshot(Vec::new()))
    }

    pub(super) fn source(&self, slug: &str) -> Result<&StoredSource, DomainError> {
        self.sources
            .iter()
            .find(|source| source.slug == slug)
            .ok_or_else(|| no_source(slug))
    }

    pub(super) fn workspace_provider(&self, name: &str) -> Option<&StoredProvider> {
        self.workspace
            .iter()
            .find(|provider| provider.entry.name == name)
    }

    /// Whether a source may not take this slug.
    pub(super) fn is_taken(&self, slug: &str) -> bool {
        self.has_provider(slug) || self.source(slug).is_ok()
    }

    /// The version of a provider of any layer; zero if it was never edited.
    pub(super) fn provider_version(&self, name: &str) -> u64 {
        self.provider_versions.get(name).copied().unwrap_or(0)
    }

    /// Whether any layer has an entry of this name, or the providers file a faulty one.
    pub(super) fn has_provider(&self, name: &str) -> bool {
        self.layers.entries.iter().any(|entry| entry.name == name)
            || self.layers.blocked.iter().any(|entry| entry.name == name)
    }

    /// Why a name has no effective provider: there is none, or the providers file blocks it.
    pub(super) fn no_effective_provider(&self, name: &str) -> DomainError {
        let blocked = self.layers.blocked.iter().find(|entry| entry.name == name);
        match blocked {
            None => no_provider(name),
            Some(blocked) => DomainError::conflict(
                "blocked",
                format!(
                    "The entry `{name}` of the providers file has an error, so its name is blocked: {} Fix the file.",
                    blocked.message
                ),
            ),
        }
    }

    /// The origins that may be called although they are private: the built-in LiteLLM's, what
    /// the environment and the providers file say, and what an administrator confirmed.
    pub(super) fn granted_origins(&self) -> BTreeSet<String> {
        self.granted_origins_without(None)
    }

    /// The same, as if this source were not there: unsaved input for it says itself what it allows.
    pub(super) fn granted_origins_without(&self, source: Option<&str>) -> BTreeSet<String> {
        let entries = self
            .layers
            .entries
            .iter()
            .filter(|entry| match entry.layer {
                Layer::Builtin => entry.name == "litellm",
                Layer::UserLocal => true,
                Layer::Workspace => self
                    .workspace_provider(&entry.name)
                    .is_some_and(|provider| provider.allow_private),
            });
        let from_environment = self
            .layers
            .entries
            .iter()
            .filter(|entry| entry.kind == ProviderKind::Gateway)
            .flat_map(|entry| waypost_routing::catalog::base_url_variables(&entry.name))
            .filter_map(|name| self.environment.base_urls.get(&name));
        let sources = self
            .sources
            .iter()
            .filter(|other| other.allow_private && source != Some(other.slug.as_str()));
        entries
            .map(|entry| entry.base_url.as_str())
            .chain(from_environment.map(String::as_str))
            .chain(sources.map(|source| source.base_url.as_str()))
            .filter_map(origin_of)
            .collect()
    }
}

/// The origin of a base URL, where it is one.
pub(super) fn origin_of(base_url: &str) -> Option<String> {
    BaseUrl::parse(base_url).ok().map(|url| url.origin())
}

/// What routing needs to know about the secrets.
pub(super) fn secret_states(inventory: &Inventory, sources: &[SourceEntry]) -> SecretStates {
    let mut state = SecretStates {
        unavailable: inventory.unavailable.is_some(),
        ..SecretStates::default()
    };
    let sent = inventory.stored.iter();
    for (name, stored) in sent.filter(|(name, _)| !is_staged(name)) {
        match stored.state {
            SecretState::Absent | SecretState::Changed if !state.unavailable => {
                state.missing.insert(name.clone());
                continue;
            }
            SecretState::Unknown if !state.unavailable => {
                state.unknown.insert(name.clone());
            }
            _ => {}
        }
        state
            .stored
            .insert(name.clone(), stored.meta.origin.clone());
    }
    // Headers that are listed and were never stored: a crash of an earlier release.
    let listed = sources.iter().filter(|source| !source.headers.is_empty());
    for name in listed.map(|source| source_headers_secret(&source.slug)) {
        if !inventory.stored.contains_key(&name) {
            state.missing.insert(name);
        }
    }
    state
}

fn agent_of<'t>(table: &'t RoutingTable, name: &str) -> Result<&'t Agent, DomainError> {
    table.agent(name).ok_or_else(|| {
        let message = format!("There is no valid agent `{name}`.");
        DomainError::invalid("agent", "unknown_agent", message)
    })
}

pub(super) fn source_entry(source: &StoredSource) -> SourceEntry {
    SourceEntry {
        slug: source.slug.clone(),
        name: source.name.clone(),
        base_url: source.base_url.clone(),
        auth_header: source.auth_header.clone(),
        headers: source
            .header_names
            .iter()
            .map(|name| SourceHeader {
                name: name.clone(),
                value: None,
            })
            .collect(),
        limits: source.limits,
        pass_headers: source.pass_headers.clone(),
        passthrough: source.passthrough,
    }
}

impl Workspace {
    /// Reads the state of this moment: rows and versions in one transaction, after the secrets,
    /// so that no row is older than its version.
    pub(super) async fn state(&self) -> Result<WorkspaceState, DomainError> {
        let inventory = self.secrets().inventory();
        let configuration = self.store().configuration().await?;
        Ok(WorkspaceState::new(&self.inner, configuration, inventory))
    }

    /// The state inside a transaction, which no other writer changes before it ends, with secrets
    /// that were read before it.
    pub(super) async fn state_in(
        &self,
        transaction: &mut dyn Transaction,
        inventory: Arc<Inventory>,
    ) -> Result<WorkspaceState, DomainError> {
        let configuration = transaction.configuration().await?;
        Ok(WorkspaceState::new(&self.inner, configuration, inventory))
    }

    /// Resolves a request of no agent, of a stored agent, or of one of its subagents.
    ///
    /// # Errors
    /// `unknown_agent`; a ref without a route is a resolution too.
    pub fn route(&self, request: &RouteRequest) -> Result<Resolution, DomainError> {
        Ok(self.route_answer(request)?.resolution)
    }

    /// The resolution of a ref, and its export in the format of the request.
    ///
    /// # Errors
    /// `unknown_agent`.
    pub fn route_answer(&self, asked: &RouteRequest) -> Result<RouteAnswer, DomainError> {
        let table = self.routing_table();
        let agent = match &asked.agent {
            None => None,
            Some(name) => Some(agent_of(&table, name)?),
        };
        let request = Request::with(
            asked.model_ref.as_deref(),
            asked.operation,
            agent,
            asked.subagent.as_deref(),
        );
        let resolution = resolve(&table, &request);
        let export = asked.format.map(|format| {
            let text = export(format, &resolution, asked.operation, agent);
            let unavailable = text.is_none().then(|| format.unavailable().to_owned());
            RouteExport {
                format,
                text,
                unavailable,
            }
        });
        Ok(RouteAnswer { resolution, export })
    }

    pub(super) fn resolve(&self, model_ref: &str) -> Result<Resolution, DomainError> {
        self.route(&RouteRequest::of(model_ref, Operation::Chat))
    }
}
