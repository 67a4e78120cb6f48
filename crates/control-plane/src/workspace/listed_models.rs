//! The models that runtimes are shown.

use super::Workspace;
use super::models::owners;
use crate::store::ModelsFilter;
use async_trait::async_trait;
use waypost_api_types::ModelState;
use waypost_forwarding::{CatalogUnavailable, ListedModel, ModelCatalog};

/// As many as refreshes of several large gateways bring together.
const MOST: u32 = 100_000;

#[async_trait]
impl ModelCatalog for Workspace {
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        let filter = ModelsFilter {
            owners: owners(&self.routing_table()).cloned().collect(),
            state: Some(ModelState::Enabled),
            ..ModelsFilter::default()
        };
        let page = self.store().models(&filter, None, MOST).await;
        let (rows, _) = page.map_err(|error| {
            tracing::warn!(%error, "cannot read the models for a runtime");
            CatalogUnavailable
        })?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| ListedModel {
                owner: row.owner,
                id: row.id,
                first_seen: row.first_seen,
            })
            .collect())
    }
}
