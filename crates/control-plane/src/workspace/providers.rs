//! Providers as the Models page shows them.

use super::key_view::{key_view, rotation_view};
use super::owner::Owner;
use super::row_errors::no_provider;
use super::state::WorkspaceState;
use super::{DomainError, Workspace, verification};
use crate::store::{Call, OwnerRows, StoredOutcome};
use waypost_api_types::{
    FileProblem, ModelCounts, NewModels, OutcomeRecord, ProviderView, ProvidersPage, Replaced,
};
use waypost_routing::catalog::{Layer, ProviderEntry};
use waypost_routing::codes;
use waypost_routing::credential::provider_secret;
use waypost_routing::endpoint::Endpoint;
use waypost_routing::resolution::Provenanced;
use waypost_routing::routing_table::{RoutingTable, effective_provider};

/// What the database knows of one owner beside its configuration.
pub(super) struct OwnerRow {
    pub(super) counts: ModelCounts,
    pub(super) last_refresh: Option<OutcomeRecord>,
    pub(super) last_test: Option<OutcomeRecord>,
    pub(super) new_models: NewModels,
}

/// What is known of one owner.
pub(super) fn owner_row(rows: &OwnerRows, state: &WorkspaceState, owner: &str) -> OwnerRow {
    let outcome = |call| {
        let stored = rows.outcomes.get(&(owner.to_owned(), call));
        stored.map(outcome_record)
    };
    let counts = rows.counts.get(owner).copied().unwrap_or_default();
    OwnerRow {
        counts: ModelCounts {
            enabled: counts.enabled,
            total: counts.total,
            absent: counts.absent,
        },
        last_refresh: outcome(Call::Refresh),
        last_test: outcome(Call::Test),
        new_models: state.new_models.get(owner).copied().unwrap_or_default(),
    }
}

/// An outcome as the API shows it.
fn outcome_record(stored: &StoredOutcome) -> OutcomeRecord {
    OutcomeRecord {
        at: stored.at,
        outcome: stored.outcome,
        message: stored.message.clone(),
        status: stored.status,
        duration_ms: stored.duration_ms,
        added: stored.added,
        removed: stored.removed,
        changed: stored.changed,
        unchanged: stored.unchanged,
    }
}

impl Workspace {
    pub(super) async fn owner_rows(&self) -> Result<OwnerRows, DomainError> {
        Ok(self.store().owner_rows().await?)
    }

    /// Every provider, and what is wrong with the providers file.
    pub async fn providers(&self) -> Result<ProvidersPage, DomainError> {
        let state = self.state().await?;
        let rows = self.owner_rows().await?;
        let table = shown_table(&state);
        let items = table
            .catalog()
            .listed()
            .filter_map(|entry| self.provider_view(&state, &table, &rows, &entry.name))
            .collect();
        Ok(ProvidersPage {
            items,
            next_cursor: None,
            problems: state.layers.problems,
        })
    }

    /// One provider.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn provider(&self, name: &str) -> Result<ProviderView, DomainError> {
        let state = self.state().await?;
        let rows = self.owner_rows().await?;
        let table = shown_table(&state);
        self.provider_view(&state, &table, &rows, name)
            .ok_or_else(|| no_provider(name))
    }

    fn provider_view(
        &self,
        state: &WorkspaceState,
        table: &RoutingTable,
        rows: &OwnerRows,
        name: &str,
    ) -> Option<ProviderView> {
        let effective = effective_provider(table, name)?;
        let (entry, endpoint) = (effective.entry, effective.endpoint);
        let row = owner_row(rows, state, name);
        let (base_url, base_url_problem) = shown_base_url(state, entry, &endpoint);
        let overridden = base_url.from.env_variable().is_some();
        let allow_private = match state.workspace_provider(name) {
            Some(provider) => provider.allow_private,
            None => endpoint
                .base_url
                .as_ref()
                .is_ok_and(|base| state.granted_origins().contains(base.url.origin_str())),
        };
        let replaced = table.catalog().replaced(name);
        let credential = self.provider_credential(state, &endpoint);
        Some(ProviderView {
            name: entry.name.clone(),
            kind: entry.kind,
            layer: entry.layer,
            entry_base_url: overridden.then(|| entry.base_url.clone()),
            base_url,
            base_url_problem,
            api_key_env: entry.api_key_env.clone(),
            default_headers: entry.default_headers.clone(),
            limits: entry.limits,
            pass_headers: entry.pass_headers.clone(),
            docs: entry.docs.clone(),
            notable_models: entry.notable_models.clone(),
            replaces: replaced.map(|replaced| replaces(entry, replaced)),
            key: key_view(
                endpoint.credential.as_ref(),
                provider_secret(name),
                &state.inventory,
                rotation_view(state, rows, &Owner::Provider(name.to_owned())),
            ),
            verification: verification::shown(rows, name, credential),
            key_problem: endpoint
                .credential_problem
                .as_ref()
                .filter(|problem| {
                    [codes::ENV_NOT_ALLOWED, codes::ENV_UNUSABLE].contains(&problem.code.as_str())
                })
                .map(|problem| problem.message.clone()),
            allow_private,
            new_models: row.new_models,
            models: row.counts,
            last_refresh: row.last_refresh,
            last_test: row.last_test,
            refreshing: self.inner.refreshes.runs(name),
            used_by: self.used_by().count_of_owner(name) as u64,
            managed: state.settings.managed_gateway == name,
            problems: problems_of(state, entry),
            version: state.provider_version(name),
        })
    }
}

/// The routing table with the blocked names included: such an entry stays listed, with the error
/// that blocks it.
fn shown_table(state: &WorkspaceState) -> RoutingTable {
    let mut snapshot = state.snapshot(Vec::new());
    snapshot.blocked.clear();
    RoutingTable::new(snapshot)
}

fn shown_base_url(
    state: &WorkspaceState,
    entry: &ProviderEntry,
    endpoint: &Endpoint,
) -> (Provenanced, Option<String>) {
    match &endpoint.base_url {
        Ok(base_url) => (base_url.provenanced(), None),
        Err(problem) => {
            let variable = problem.from.env_variable();
            let value = variable
                .and_then(|variable| state.environment.base_urls.get(variable))
                .unwrap_or(&entry.base_url);
            let base_url = Provenanced {
                value: value.clone(),
                from: problem.from.clone(),
            };
            (base_url, Some(problem.message.clone()))
        }
    }
}

fn replaces(entry: &ProviderEntry, replaced: &ProviderEntry) -> Replaced {
    let kept = |name: &str| {
        entry
            .default_headers
            .keys()
            .any(|other| other.eq_ignore_ascii_case(name))
    };
    Replaced {
        layer: replaced.layer,
        base_url: replaced.base_url.clone(),
        lost_headers: replaced
            .default_headers
            .keys()
            .filter(|name| !kept(name))
            .cloned()
            .collect(),
    }
}

/// The problems of the providers file under an entry's name. They do not concern entries of the
/// workspace, which override the file.
fn problems_of(state: &WorkspaceState, entry: &ProviderEntry) -> Vec<FileProblem> {
    if entry.layer == Layer::Workspace {
        return Vec::new();
    }
    state
        .layers
        .problems
        .iter()
        .filter(|problem| problem.entry.as_deref() == Some(entry.name.as_str()))
        .cloned()
        .collect()
}
