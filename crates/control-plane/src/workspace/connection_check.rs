//! Tests: what a refresh would do, without touching the catalog.

use super::endpoint::TypedSecrets;
use super::facts::Facts;
use super::inputs::{SourceEdit, UnsavedProvider};
use super::model_refresh::identity;
use super::provider_edit::no_effective_provider;
use super::{DomainError, ErrorKind, Workspace};
use crate::discovery::{Discovery, ModelListTarget, discover};
use crate::store::{Call, Transaction};
use std::time::Instant;
use waypost_api_types::{CheckOutcome, OutcomeReport, Snapshot};
use waypost_routing::catalog::Layer;
use waypost_routing::endpoint::{effective_provider, effective_source};
use waypost_routing::routing_table::RoutingTable;

/// Where OpenRouter is.
const OPENROUTER_HOST: &str = "openrouter.ai";

/// Whose models are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A provider, by its name.
    Provider(String),
    /// A custom source, by its slug.
    Source(String),
}

impl Owner {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Provider(name) | Self::Source(name) => name,
        }
    }

    /// As the audit log names it.
    pub(super) fn target(&self) -> String {
        match self {
            Self::Provider(name) => format!("provider:{name}"),
            Self::Source(slug) => format!("source:{slug}"),
        }
    }
}

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
        let facts = self.facts().await?;
        match trial.is_unsaved() {
            true => self.test_unsaved_provider(facts, name, trial).await,
            false => {
                let owner = Owner::Provider(name.to_owned());
                self.test_stored(&facts, &owner).await
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
        draft: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let facts = self.facts().await?;
        let stored = facts.source(slug)?;
        match draft.is_empty() {
            true => {
                let owner = Owner::Source(slug.to_owned());
                self.test_stored(&facts, &owner).await
            }
            false => {
                self.test_unsaved_source_of(&facts, Some(stored), draft)
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
        draft: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let facts = self.facts().await?;
        match slug.filter(|slug| facts.source(slug).is_ok()) {
            Some(slug) => self.test_source(slug, draft).await,
            None => self.test_unsaved_source_of(&facts, None, draft).await,
        }
    }

    async fn test_stored(
        &self,
        facts: &Facts,
        owner: &Owner,
    ) -> Result<OutcomeReport, DomainError> {
        let begun = Instant::now();
        let endpoint = match self.endpoint(facts, owner).await {
            Ok(endpoint) => with_key_check(endpoint, facts, owner),
            Err(refusal) => {
                let refused = self.note_refusal(facts, owner, Call::Test, refusal, begun);
                return Err(refused.await);
            }
        };
        let asked = identity(facts, owner)?;
        let report = self.tested(&endpoint).await?;
        let inventory = facts.inventory.clone();
        let mut transaction = self.begin().await?;
        let now = self.facts_in(&mut *transaction, inventory).await?;
        if identity(&now, owner).ok() != Some(asked) {
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
        transaction.commit().await?;
        Ok(report)
    }

    /// Records the outcome of a call in place of the previous one.
    pub(super) async fn record_outcome(
        &self,
        transaction: &mut dyn Transaction,
        owner: &Owner,
        call: Call,
        report: &OutcomeReport,
    ) -> Result<(), DomainError> {
        transaction
            .record_outcome(owner.name(), call, report)
            .await?;
        let worked = matches!(report.outcome, CheckOutcome::Ok | CheckOutcome::NoModels);
        let action = match (owner, call, worked) {
            (Owner::Provider(_), Call::Test, true) => "provider.test",
            (Owner::Provider(_), Call::Test, false) => "provider.test.failed",
            (Owner::Provider(_), Call::Refresh, true) => "provider.refresh",
            (Owner::Provider(_), Call::Refresh, false) => "provider.refresh.failed",
            (Owner::Source(_), Call::Test, true) => "source.test",
            (Owner::Source(_), Call::Test, false) => "source.test.failed",
            (Owner::Source(_), Call::Refresh, true) => "source.refresh",
            (Owner::Source(_), Call::Refresh, false) => "source.refresh.failed",
        };
        self.record(transaction, action, &owner.target(), &[])
            .await?;
        Ok(())
    }

    /// Records that a call of what is stored was refused before anything was sent. Gives back the
    /// refusal, or what kept it from being recorded.
    pub(super) async fn note_refusal(
        &self,
        facts: &Facts,
        owner: &Owner,
        call: Call,
        refusal: DomainError,
        begun: Instant,
    ) -> DomainError {
        let is_outcome = matches!(
            refusal.kind,
            ErrorKind::Conflict | ErrorKind::Invalid | ErrorKind::Unavailable
        );
        // A name that has no row has nowhere to show it.
        let has_row = match owner {
            Owner::Provider(name) => facts.layers.entries.iter().any(|entry| entry.name == *name),
            Owner::Source(slug) => facts.source(slug).is_ok(),
        };
        if !is_outcome || !has_row {
            return refusal;
        }
        let report = report(Discovery {
            outcome: CheckOutcome::NotSent,
            message: refusal.message.clone(),
            status: None,
            duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: String::new(),
            models: Vec::new(),
            skipped: 0,
        });
        let recorded = async {
            let mut transaction = self.begin().await?;
            self.record_outcome(&mut *transaction, owner, call, &report)
                .await?;
            Ok(transaction.commit().await?)
        };
        recorded.await.err().unwrap_or(refusal)
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
        let mut report = report(discovery);
        report.added = listed;
        Ok(report)
    }

    /// The endpoint of what is stored, ready to be called.
    pub(super) async fn endpoint(
        &self,
        facts: &Facts,
        owner: &Owner,
    ) -> Result<ModelListTarget, DomainError> {
        let typed = TypedSecrets::new();
        let snapshot = facts.snapshot(Vec::new());
        match owner {
            Owner::Provider(name) => self.provider_endpoint(facts, snapshot, name, &typed).await,
            Owner::Source(slug) => {
                let world = RoutingTable::new(snapshot);
                let effective = effective_source(&world, slug).ok_or_else(|| {
                    DomainError::not_found(format!("There is no custom source `{slug}`."))
                })?;
                let granted = facts.granted_origins();
                self.callable(&effective.endpoint, &typed, &granted).await
            }
        }
    }

    pub(super) async fn provider_endpoint(
        &self,
        facts: &Facts,
        snapshot: Snapshot,
        name: &str,
        typed: &TypedSecrets,
    ) -> Result<ModelListTarget, DomainError> {
        let world = RoutingTable::new(snapshot);
        let effective =
            effective_provider(&world, name).ok_or_else(|| no_effective_provider(facts, name))?;
        let granted = facts.granted_origins();
        self.callable(&effective.endpoint, typed, &granted).await
    }
}

/// A test proves that the key is good. OpenRouter's model list answers anyone, so that there the
/// key is checked too: at its own host, and wherever the environment puts the built-in entry. An
/// entry that took its name elsewhere need not be OpenRouter.
pub(super) fn with_key_check(
    mut endpoint: ModelListTarget,
    facts: &Facts,
    owner: &Owner,
) -> ModelListTarget {
    let entry = facts
        .layers
        .entries
        .iter()
        .filter(|entry| *owner == Owner::Provider(entry.name.clone()))
        .max_by_key(|entry| entry.layer);
    let is_builtin =
        entry.is_some_and(|entry| entry.name == "openrouter" && entry.layer == Layer::Builtin);
    if is_builtin || endpoint.base_url.host() == OPENROUTER_HOST {
        endpoint.check_key_path = Some("/key");
    }
    endpoint
}

/// The report of a call that changed nothing (yet).
pub(super) fn report(discovery: Discovery) -> OutcomeReport {
    OutcomeReport {
        outcome: discovery.outcome,
        message: discovery.message,
        status: discovery.status,
        duration_ms: discovery.duration_ms,
        request: discovery.request,
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        unchanged: Vec::new(),
        skipped: discovery.skipped,
    }
}
