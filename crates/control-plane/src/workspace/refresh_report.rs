//! The report of a refresh or test: what was sent, how it ended, and which models were added,
//! removed or changed.

use crate::discovery::Discovery;
use crate::store::Merged;
use waypost_api_types::OutcomeReport;

/// The report of a call, before the catalog is changed.
pub(super) fn report_of(discovery: Discovery) -> OutcomeReport {
    OutcomeReport {
        outcome: discovery.outcome,
        message: discovery.message,
        status: discovery.status,
        duration_ms: discovery.duration_ms,
        request: discovery.request,
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        listed_again: Vec::new(),
        unchanged: Vec::new(),
        skipped: discovery.skipped,
        missing_headers: discovery.missing_headers,
        may_be_allowed: discovery.may_be_allowed,
    }
}

/// Adds what the call changed in the catalog to its report.
pub(super) fn add_changes(report: &mut OutcomeReport, merged: Merged) {
    report.added = merged.added;
    report.removed = merged.removed;
    report.changed = merged.changed;
    report.listed_again = merged.listed_again;
    report.unchanged = merged.unchanged;
}
