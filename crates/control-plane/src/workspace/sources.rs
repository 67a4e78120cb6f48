//! Custom sources as the Models page shows them.

use super::facts::Facts;
use super::keys::key_view;
use super::providers::owner_row;
use super::{DomainError, Workspace};
use crate::catalog::layers::NAME_TAKEN;
use crate::store::{OwnerRows, StoredSource};
use waypost_api_types::SourceView;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_routing::endpoint::effective_source;
use waypost_routing::routing_table::RoutingTable;
use waypost_secrets::SecretState;

impl Workspace {
    /// Every custom source, by slug.
    pub async fn sources(&self) -> Result<Vec<SourceView>, DomainError> {
        let facts = self.facts().await?;
        let rows = self.owner_rows().await?;
        let world = facts.table();
        Ok(facts
            .sources
            .iter()
            .map(|source| self.source_view(&facts, &world, &rows, source))
            .collect())
    }

    /// One custom source.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn source(&self, slug: &str) -> Result<SourceView, DomainError> {
        let facts = self.facts().await?;
        let rows = self.owner_rows().await?;
        let source = facts.source(slug)?;
        Ok(self.source_view(&facts, &facts.table(), &rows, source))
    }

    fn source_view(
        &self,
        facts: &Facts,
        world: &RoutingTable,
        rows: &OwnerRows,
        source: &StoredSource,
    ) -> SourceView {
        let credential =
            effective_source(world, &source.slug).and_then(|source| source.endpoint.credential);
        let row = owner_row(rows, facts, &source.slug);
        let problem = facts.layers.problems.iter().find(|problem| {
            problem.code == NAME_TAKEN && problem.entry.as_deref() == Some(source.slug.as_str())
        });
        SourceView {
            slug: source.slug.clone(),
            name: source.name.clone(),
            base_url: source.base_url.clone(),
            auth_header: source.auth_header.clone(),
            header_names: source.header_names.clone(),
            passthrough: source.passthrough,
            allow_private: source.allow_private,
            new_models: row.new_models,
            key: key_view(
                credential.as_ref(),
                source_auth_secret(&source.slug),
                &facts.inventory,
            ),
            models: row.counts,
            last_refresh: row.last_refresh,
            last_test: row.last_test,
            refreshing: self.inner.refreshes.runs(&source.slug),
            problem: lost_headers(facts, source).or_else(|| problem.map(|_| {
                format!(
                    "The providers file has an entry `{}` too. It is not loaded; the name stays this source's.",
                    source.slug
                )
            })),
            version: source.version,
        }
    }
}

/// What the row says if static headers are listed and their values are not there.
fn lost_headers(facts: &Facts, source: &StoredSource) -> Option<String> {
    if source.header_names.is_empty() || facts.inventory.unavailable.is_some() {
        return None;
    }
    match facts.inventory.state(&source_headers_secret(&source.slug)) {
        Some(SecretState::Present | SecretState::Unknown) => None,
        Some(SecretState::Absent | SecretState::Changed) | None => Some(
            "The values of the static headers are missing in the secrets backend, so requests to \
             this source are rejected. Enter the headers again, or remove them."
                .to_owned(),
        ),
    }
}
