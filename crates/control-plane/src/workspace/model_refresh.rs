//! Refresh: asks an owner for its models and brings the catalog up to the answer.

use super::connection_check::{Owner, report};
use super::facts::Facts;
use super::models::is_owner;
use super::provider_edit::no_effective_provider;
use super::{DomainError, Workspace};
use crate::clock;
use crate::discovery::{DiscoveredModel, discover};
use crate::store::{Call, ModelMetadata};
use crate::workspace::refresh_registry::RefreshTask;
use std::collections::BTreeMap;
use std::time::Instant;
use waypost_api_types::{CheckOutcome, NewModels, OutcomeReport, RefreshProgress};
use waypost_routing::endpoint::effective_provider;

impl Workspace {
    /// Refreshes a provider's models. One that runs or waits is joined.
    ///
    /// # Errors
    /// If the request cannot be sent. A failed request is an outcome, not an error.
    pub async fn refresh_provider(&self, name: &str) -> Result<OutcomeReport, DomainError> {
        self.refresh(Owner::Provider(name.to_owned())).await
    }

    /// Refreshes a source's models. One that runs or waits is joined.
    ///
    /// # Errors
    /// If the request cannot be sent. A failed request is an outcome, not an error.
    pub async fn refresh_source(&self, slug: &str) -> Result<OutcomeReport, DomainError> {
        self.refresh(Owner::Source(slug.to_owned())).await
    }

    /// The progress of a provider's or source's refresh, or the report of the last one.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn refresh_progress(&self, owner: &str) -> Result<RefreshProgress, DomainError> {
        if is_owner(&self.routing_table(), owner) {
            return Ok(self.inner.refreshes.progress(owner));
        }
        let message = format!("There is no provider or source `{owner}`.");
        Err(DomainError::not_found(message))
    }

    async fn refresh(&self, owner: Owner) -> Result<OutcomeReport, DomainError> {
        // An owner that is not there leaves no trace.
        let facts = self.facts().await?;
        if let Err(refusal) = identity(&facts, &owner) {
            let refused = self.note_refusal(&facts, &owner, Call::Refresh, refusal, Instant::now());
            return Err(refused.await);
        }
        drop(facts);
        let mut handle = self.inner.refreshes.join(owner.name(), clock::now());
        if let Some(mut task) = handle.task.take() {
            // In a separate task, so that a closed tab does not stop it.
            let this = self.clone();
            tokio::spawn(async move {
                task.turn().await;
                let result = this.refresh_now(&owner, &task).await;
                task.done(result);
            });
        }
        handle.finished().await
    }

    async fn refresh_now(
        &self,
        owner: &Owner,
        task: &RefreshTask,
    ) -> Result<OutcomeReport, DomainError> {
        let begun = Instant::now();
        let facts = self.facts().await?;
        let asked = identity(&facts, owner)?;
        let endpoint = match self.endpoint(&facts, owner).await {
            Ok(endpoint) => endpoint,
            Err(refusal) => {
                let refused = self.note_refusal(&facts, owner, Call::Refresh, refusal, begun);
                return Err(refused.await);
            }
        };
        drop(facts);
        let seen = |models, pages| task.seen(models, pages);
        let mut discovery = discover(&self.inner.egress, &endpoint, &seen).await;
        drop(endpoint);
        let listed = std::mem::take(&mut discovery.models);
        let report = report(discovery);
        task.saving();
        self.save(owner, &asked, listed, report).await
    }

    async fn save(
        &self,
        owner: &Owner,
        asked: &Identity,
        listed: Vec<DiscoveredModel>,
        mut report: OutcomeReport,
    ) -> Result<OutcomeReport, DomainError> {
        let inventory = self.secrets().inventory();
        let mut transaction = self.begin().await?;
        let facts = self.facts_in(&mut *transaction, inventory).await?;
        if identity(&facts, owner).ok().as_ref() != Some(asked) {
            return Err(DomainError::conflict(
                "changed_meanwhile",
                format!(
                    "`{}` was changed while it was refreshed, so the answer was not saved. Refresh it again.",
                    owner.name()
                ),
            ));
        }
        // An empty answer and a failure change nothing but the recorded outcome.
        if report.outcome == CheckOutcome::Ok && !listed.is_empty() {
            let policy = facts.new_models.get(owner.name()).copied();
            let new_enabled = match policy.unwrap_or_default() {
                NewModels::Inherit => !facts.settings.new_models_start_disabled,
                NewModels::Enabled => true,
                NewModels::Disabled => false,
            };
            let listed = by_id(listed);
            let merged = transaction
                .merge_models(owner.name(), &listed, new_enabled)
                .await?;
            report.added = merged.added;
            report.removed = merged.removed;
            report.changed = merged.changed;
            report.unchanged = merged.unchanged;
        }
        self.record_outcome(&mut *transaction, owner, Call::Refresh, &report)
            .await?;
        transaction.commit().await?;
        Ok(report)
    }
}

/// What an answer is an answer for: were it another one by now, it would be saved for the wrong
/// endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The number of the source or workspace provider, which no later one of its name has.
    id: Option<i64>,
    base_url: String,
}

pub(super) fn identity(facts: &Facts, owner: &Owner) -> Result<Identity, DomainError> {
    match owner {
        Owner::Source(slug) => {
            let source = facts.source(slug)?;
            Ok(Identity {
                id: Some(source.id),
                base_url: source.base_url.clone(),
            })
        }
        Owner::Provider(name) => {
            let world = facts.table();
            let effective = effective_provider(&world, name)
                .ok_or_else(|| no_effective_provider(facts, name))?;
            Ok(Identity {
                id: facts.workspace_provider(name).map(|provider| provider.id),
                base_url: effective
                    .endpoint
                    .base_url
                    .map(|base_url| base_url.url.to_string())
                    .unwrap_or_default(),
            })
        }
    }
}

/// The models by id; of one that is listed twice, the first counts.
fn by_id(listed: Vec<DiscoveredModel>) -> BTreeMap<String, ModelMetadata> {
    let mut models = BTreeMap::new();
    for model in listed {
        let metadata = ModelMetadata {
            name: model.name,
            context: model.context,
            input_price: model.input_price,
            output_price: model.output_price,
            mode: model.mode,
            retires_on: model.retires_on,
        };
        models.entry(model.id).or_insert(metadata);
    }
    models
}
