//! Refresh: asks an owner for its models and brings the catalog up to the answer.

use super::connection_check::lists_to_anyone;
use super::models::is_owner;
use super::owner::Owner;
use super::owner_identity::{Identity, identity};
use super::refresh_report::{add_changes, report_of};
use super::{DomainError, Workspace};
use crate::discovery::{DiscoveredModel, discover};
use crate::store::{Call, ModelMetadata};
use crate::workspace::refresh_registry::{RefreshHandle, RefreshTask};
use std::collections::BTreeMap;
use std::time::Instant;
use waypost_api_types::{CheckOutcome, NewModels, OutcomeReport, RefreshProgress};
use waypost_system::clock;

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
        let state = self.state().await?;
        if let Err(refusal) = identity(&state, &owner) {
            let refused = self.note_refusal(&state, &owner, Call::Refresh, refusal, Instant::now());
            return Err(refused.await);
        }
        drop(state);
        self.join_refresh(owner).finished().await
    }

    /// Starts a refresh in the background, unless one runs.
    pub(super) fn start_refresh(&self, owner: Owner) {
        drop(self.join_refresh(owner));
    }

    fn join_refresh(&self, owner: Owner) -> RefreshHandle {
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
        handle
    }

    async fn refresh_now(
        &self,
        owner: &Owner,
        task: &RefreshTask,
    ) -> Result<OutcomeReport, DomainError> {
        let begun = Instant::now();
        let state = self.state().await?;
        let endpoint = match self.endpoint(&state, owner).await {
            Ok(endpoint) => endpoint,
            Err(refusal) => {
                let refused = self.note_refusal(&state, owner, Call::Refresh, refusal, begun);
                return Err(refused.await);
            }
        };
        let asked = Asked {
            identity: identity(&state, owner)?,
            credential: self.credential_in_use(&state, owner),
            lists_to_anyone: lists_to_anyone(&endpoint, &state, owner),
        };
        drop(state);
        let seen = |models, pages| task.seen(models, pages);
        let mut discovery = discover(&self.inner.egress, &endpoint, &seen).await;
        drop(endpoint);
        let listed = std::mem::take(&mut discovery.models);
        let report = report_of(discovery);
        task.saving();
        self.save(owner, asked, listed, report).await
    }

    async fn save(
        &self,
        owner: &Owner,
        asked: Asked,
        listed: Vec<DiscoveredModel>,
        mut report: OutcomeReport,
    ) -> Result<OutcomeReport, DomainError> {
        let inventory = self.secrets().inventory();
        let mut transaction = self.begin().await?;
        let state = self.state_in(&mut *transaction, inventory).await?;
        // A list is a list whichever key it was asked for with; a refusal is about that key.
        let refused_another = report.outcome == CheckOutcome::Unauthorized
            && self.credential_in_use(&state, owner) != asked.credential;
        if identity(&state, owner).ok() != Some(asked.identity) || refused_another {
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
            let policy = state.new_models.get(owner.name()).copied();
            let new_enabled = match policy.unwrap_or_default() {
                NewModels::Inherit => !state.settings.new_models_start_disabled,
                NewModels::Enabled => true,
                NewModels::Disabled => false,
            };
            let listed = by_id(listed);
            let merged = transaction
                .merge_models(owner.name(), &listed, new_enabled)
                .await?;
            add_changes(&mut report, merged);
        }
        self.record_outcome(&mut *transaction, owner, Call::Refresh, &report)
            .await?;
        let proves_credential =
            !asked.lists_to_anyone || report.outcome == CheckOutcome::Unauthorized;
        let credential = asked.credential.filter(|_| proves_credential);
        self.record_verification(&mut *transaction, owner, credential, &report)
            .await?;
        transaction.commit().await?;
        Ok(report)
    }
}

/// What a refresh asked, and with what.
struct Asked {
    identity: Identity,
    /// The name of the credential that was sent.
    credential: Option<String>,
    /// Whether the list proves nothing about the credential.
    lists_to_anyone: bool,
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
