//! The models that runtimes are shown.

use super::Workspace;
use super::models::owners;
use async_trait::async_trait;
use std::collections::BTreeSet;
use waypost_forwarding::{CatalogUnavailable, ListedModel, ModelCatalog};

#[async_trait]
impl ModelCatalog for Workspace {
    async fn listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        let workspace = self.clone();
        // Many rows take their time, which the thread that serves the request does not have.
        let reading = self
            .inner
            .runtime
            .spawn(async move { workspace.read_listed().await });
        reading.await.unwrap_or(Err(CatalogUnavailable))
    }
}

impl Workspace {
    async fn read_listed(&self) -> Result<Vec<ListedModel>, CatalogUnavailable> {
        let rows = self.store().enabled_models().await.map_err(|error| {
            tracing::warn!(%error, "cannot read the models for a runtime");
            CatalogUnavailable
        })?;
        let table = self.routing_table();
        // What a provider that was removed has left is not listed.
        let owners: BTreeSet<&str> = owners(&table).map(|owner| &**owner).collect();
        let rows = rows.into_iter();
        Ok(rows
            .filter(|(owner, ..)| owners.contains(&**owner))
            .map(|(owner, id, first_seen)| ListedModel {
                owner,
                id,
                first_seen,
            })
            .collect())
    }
}
