//! The record of tests and refreshes: the last outcome of each owner, and a line in the audit log.

use super::owner::Owner;
use super::refresh_report::report_of;
use super::state::WorkspaceState;
use super::{DomainError, ErrorKind, Workspace};
use crate::discovery::Discovery;
use crate::store::{Call, StoredOutcome, Transaction};
use std::time::Instant;
use waypost_api_types::{CheckOutcome, OutcomeReport};

/// Whether the upstream answered as it should, if only that it has no models.
pub(super) fn worked(report: &OutcomeReport) -> bool {
    matches!(report.outcome, CheckOutcome::Ok | CheckOutcome::NoModels)
}

impl Workspace {
    /// Records the outcome of a call in place of the previous one.
    pub(super) async fn record_outcome(
        &self,
        transaction: &mut dyn Transaction,
        owner: &Owner,
        call: Call,
        report: &OutcomeReport,
    ) -> Result<(), DomainError> {
        transaction
            .record_outcome(owner.name(), call, &stored_outcome(call, report))
            .await?;
        let action = match (owner, call, worked(report)) {
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
        state: &WorkspaceState,
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
            Owner::Provider(name) => state.layers.entries.iter().any(|entry| entry.name == *name),
            Owner::Source(slug) => state.source(slug).is_ok(),
        };
        if !is_outcome || !has_row {
            return refusal;
        }
        let report = report_of(Discovery {
            outcome: CheckOutcome::NotSent,
            message: refusal.message.clone(),
            status: None,
            duration_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            request: String::new(),
            models: Vec::new(),
            skipped: 0,
            missing_headers: Vec::new(),
            may_be_allowed: false,
        });
        let recorded = async {
            let mut transaction = self.begin().await?;
            self.record_outcome(&mut *transaction, owner, call, &report)
                .await?;
            Ok(transaction.commit().await?)
        };
        recorded.await.err().unwrap_or(refusal)
    }
}

/// What is stored of a report: how many models, not which.
pub(super) fn stored_outcome(call: Call, report: &OutcomeReport) -> StoredOutcome {
    // A test lists the models that it saw as added, although it adds none.
    let count = |ids: &[String]| match call {
        Call::Test => 0,
        Call::Refresh => ids.len() as u64,
    };
    StoredOutcome {
        at: 0,
        outcome: report.outcome,
        message: report.message.clone(),
        status: report.status,
        duration_ms: report.duration_ms,
        added: count(&report.added),
        removed: count(&report.removed),
        changed: count(&report.changed) + count(&report.listed_again),
        unchanged: count(&report.unchanged),
    }
}
