//! Tests: what a refresh would do, without touching the catalog.

use super::inputs::{SourceEdit, UnsavedProvider};
use super::owner::Owner;
use super::owner_identity::identity;
use super::refresh_report::report_of;
use super::state::WorkspaceState;
use super::{DomainError, Workspace};
use crate::discovery::{ModelListTarget, discover};
use crate::store::Call;
use std::time::Instant;
use waypost_api_types::OutcomeReport;
use waypost_routing::catalog::Layer;

/// Where OpenRouter is.
const OPENROUTER_HOST: &str = "openrouter.ai";

impl Workspace {
    /// Tests a provider by listing its models: as stored, or with unsaved input.
    ///
    /// # Errors
    /// If the request cannot be sent. A failed request is an outcome, not an error.
    pub async fn test_provider(
        &self,
        name: &str,
        trial: UnsavedProvider,
    ) -> Result<OutcomeReport, DomainError> {
        let state = self.state().await?;
        match trial.is_unsaved() {
            true => self.test_unsaved_provider(state, name, trial).await,
            false => {
                let owner = Owner::Provider(name.to_owned());
                self.test_stored(&state, &owner).await
            }
        }
    }

    /// Tests a stored source by listing its models: as stored, or with unsaved input.
    ///
    /// # Errors
    /// If the request cannot be sent. A failed request is an outcome, not an error.
    pub async fn test_source(
        &self,
        slug: &str,
        input: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let state = self.state().await?;
        let stored = state.source(slug)?;
        match input.is_empty() {
            true => {
                let owner = Owner::Source(slug.to_owned());
                self.test_stored(&state, &owner).await
            }
            false => {
                self.test_unsaved_source_of(&state, Some(stored), input)
                    .await
            }
        }
    }

    /// Tests unsaved input by listing the models. With the slug of a stored source, absent fields
    /// keep its values.
    ///
    /// # Errors
    /// If the request cannot be sent. A failed request is an outcome, not an error.
    pub async fn test_unsaved_source(
        &self,
        slug: Option<&str>,
        input: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let state = self.state().await?;
        match slug.filter(|slug| state.source(slug).is_ok()) {
            Some(slug) => self.test_source(slug, input).await,
            None => self.test_unsaved_source_of(&state, None, input).await,
        }
    }

    async fn test_stored(
        &self,
        state: &WorkspaceState,
        owner: &Owner,
    ) -> Result<OutcomeReport, DomainError> {
        let begun = Instant::now();
        let endpoint = match self.endpoint(state, owner).await {
            Ok(endpoint) => with_key_check(endpoint, state, owner),
            Err(refusal) => {
                let refused = self.note_refusal(state, owner, Call::Test, refusal, begun);
                return Err(refused.await);
            }
        };
        let asked = identity(state, owner)?;
        let credential = self.credential_in_use(state, owner);
        let report = self.tested(&endpoint).await?;
        let inventory = self.secrets().inventory();
        let mut transaction = self.begin().await?;
        let now = self.state_in(&mut *transaction, inventory).await?;
        if identity(&now, owner).ok() != Some(asked)
            || self.credential_in_use(&now, owner) != credential
        {
            return Err(DomainError::conflict(
                "changed_meanwhile",
                format!(
                    "`{}` was changed while it was tested, so the outcome was not recorded. Test it again.",
                    owner.name()
                ),
            ));
        }
        self.record_outcome(&mut *transaction, owner, Call::Test, &report)
            .await?;
        self.record_verification(&mut *transaction, owner, credential, &report)
            .await?;
        transaction.commit().await?;
        Ok(report)
    }

    pub(super) async fn tested(
        &self,
        endpoint: &ModelListTarget,
    ) -> Result<OutcomeReport, DomainError> {
        let mut discovery = discover(&self.inner.egress, endpoint, &|_, _| {}).await;
        let mut listed: Vec<String> = std::mem::take(&mut discovery.models)
            .into_iter()
            .map(|model| model.id)
            .collect();
        listed.sort_unstable();
        let mut report = report_of(discovery);
        report.added = listed;
        Ok(report)
    }
}

/// A test proves that the key is good. OpenRouter's model list answers anyone, so that there the
/// key is checked too: at its own host, and wherever the environment puts the built-in entry. An
/// entry that took its name elsewhere need not be OpenRouter.
pub(super) fn with_key_check(
    mut endpoint: ModelListTarget,
    state: &WorkspaceState,
    owner: &Owner,
) -> ModelListTarget {
    if lists_to_anyone(&endpoint, state, owner) {
        endpoint.check_key_path = Some("/key");
    }
    endpoint
}

/// Whether the endpoint is known to list its models whatever the key, so that a list proves nothing
/// about it.
pub(super) fn lists_to_anyone(
    endpoint: &ModelListTarget,
    state: &WorkspaceState,
    owner: &Owner,
) -> bool {
    let entry = state
        .layers
        .entries
        .iter()
        .filter(|entry| *owner == Owner::Provider(entry.name.clone()))
        .max_by_key(|entry| entry.layer);
    let is_builtin =
        entry.is_some_and(|entry| entry.name == "openrouter" && entry.layer == Layer::Builtin);
    is_builtin || endpoint.base_url.host() == OPENROUTER_HOST
}
