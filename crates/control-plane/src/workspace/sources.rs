//! Custom sources as the Models page shows them.

use super::key_view::{key_view, rotation_view};
use super::owner::Owner;
use super::providers::owner_row;
use super::state::WorkspaceState;
use super::{DomainError, Workspace, verification};
use crate::catalog::layers::NAME_TAKEN;
use crate::store::{OwnerRows, StoredSource};
use waypost_api_types::SourceView;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_routing::routing_table::{RoutingTable, effective_source};
use waypost_secrets::SecretState;

impl Workspace {
    /// Every custom source, by slug.
    pub async fn sources(&self) -> Result<Vec<SourceView>, DomainError> {
        let state = self.state().await?;
        let rows = self.owner_rows().await?;
        let table = state.table();
        Ok(state
            .sources
            .iter()
            .map(|source| self.source_view(&state, &table, &rows, source))
            .collect())
    }

    /// One custom source.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn source(&self, slug: &str) -> Result<SourceView, DomainError> {
        let state = self.state().await?;
        let rows = self.owner_rows().await?;
        let source = state.source(slug)?;
        Ok(self.source_view(&state, &state.table(), &rows, source))
    }

    fn source_view(
        &self,
        state: &WorkspaceState,
        table: &RoutingTable,
        rows: &OwnerRows,
        source: &StoredSource,
    ) -> SourceView {
        let credential =
            effective_source(table, &source.slug).and_then(|source| source.endpoint.credential);
        let owner = Owner::Source(source.slug.clone());
        let in_use = self.credential_in_use(state, &owner);
        let row = owner_row(rows, state, &source.slug);
        let problem = state.layers.problems.iter().find(|problem| {
            problem.code == NAME_TAKEN && problem.entry.as_deref() == Some(source.slug.as_str())
        });
        SourceView {
            slug: source.slug.clone(),
            name: source.name.clone(),
            base_url: source.base_url.clone(),
            auth_header: source.auth_header.clone(),
            header_names: source.header_names.clone(),
            limits: source.limits,
pass_headers: source.pass_headers.clone(),
            passthrough: source.passthrough,
            allow_private: source.allow_private,
            new_models: row.new_models,
            key: key_view(
                credential.as_ref(),
                source_auth_secret(&source.slug),
                &state.inventory,
                rotation_view(state, rows, &owner),
            ),
            verification: verification::shown(rows, &source.slug, in_use),
            models: row.counts,
            last_refresh: row.last_refresh,
            last_test: row.last_test,
            refreshing: self.inner.refreshes.runs(&source.slug),
            used_by: self.used_by().count_of_owner(&source.slug) as u64,
            problem: lost_headers(state, source).or_else(|| problem.map(|_| {
                format!(
                    "The providers file also has an entry `{}`. It is not loaded, because this source has the name.",
                    source.slug
                )
            })),
            version: source.version,
        }
    }
}

/// What the row says if static headers are listed and their values are not there.
fn lost_headers(state: &WorkspaceState, source: &StoredSource) -> Option<String> {
    if source.header_names.is_empty() || state.inventory.unavailable.is_some() {
        return None;
    }
    match state.inventory.state(&source_headers_secret(&source.slug)) {
        Some(SecretState::Present | SecretState::Unknown) => None,
        Some(SecretState::Absent | SecretState::Changed) | None => Some(
            "The values of the static headers are missing in the secrets backend, so requests to \
             this source are rejected. Enter the headers again, or remove them."
                .to_owned(),
        ),
    }
}
