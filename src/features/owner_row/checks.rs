//! The test and the refresh of a row, and the report below it.

use super::COLUMN_COUNT;
use crate::components::Button;
use crate::dom;
use crate::features::report_panel::{Report, ReportPanel, preload_report};
use crate::format::{count, thousands};
use crate::paths::Path;
use crate::state::{Check, CheckKind, CheckPhase, Checks, Owner, use_checks};
use leptos::prelude::*;

/// The checks of one owner, in its row.
#[derive(Clone, Copy)]
pub(super) struct RowChecks {
    owner: StoredValue<Owner>,
    /// What the row calls the owner.
    name: Signal<String>,
    last: Memo<Option<Check>>,
    all: Checks,
}

impl RowChecks {
    /// The checks of an owner. `refreshing` says whether the server refreshes it, so that a refresh
    /// started in another tab or on an earlier page is followed.
    pub(super) fn new(owner: Owner, name: Signal<String>, refreshing: Signal<bool>) -> Self {
        let checks = use_checks();
        let last = checks.of(owner.clone());
        let owner = StoredValue::new(owner);
        Effect::new(move || {
            if refreshing.get() {
                checks.follow(owner.get_value());
            }
        });
        Self {
            owner,
            name,
            last,
            all: checks,
        }
    }

    /// Whether a check runs.
    pub(super) fn busy(self) -> Signal<bool> {
        Signal::derive(move || {
            self.last
                .with(|last| last.as_ref().is_some_and(Check::running))
        })
    }

    /// Starts a test.
    pub(super) fn test(self) {
        self.all.test(self.owner.get_value());
    }

    /// Whether a check of this kind runs.
    pub(super) fn runs(self, kind: CheckKind) -> Signal<bool> {
        Signal::derive(move || {
            self.last.with(|last| {
                last.as_ref()
                    .is_some_and(|last| last.running() && last.kind == kind)
            })
        })
    }

    /// What runs, for the cell of the last refresh: `Refreshing… 211 models`.
    pub(super) fn progress(self) -> Option<String> {
        self.last.with(|last| {
            let last = last.as_ref()?;
            let CheckPhase::Running { models_seen } = last.phase else {
                return None;
            };
            Some(match (last.kind, models_seen) {
                (CheckKind::Test, _) => "Testing…".to_owned(),
                (CheckKind::Refresh, 0) => "Refreshing…".to_owned(),
                (CheckKind::Refresh, seen) => {
                    format!("Refreshing… {}", count(seen, "model", "models"))
                }
            })
        })
    }

    /// The label of the refresh button: while it runs, with the number of models listed so far.
    fn refresh_word(self) -> String {
        self.last.with(|last| match last {
            Some(Check {
                kind: CheckKind::Refresh,
                phase: CheckPhase::Running { models_seen },
            }) => match *models_seen {
                0 => "Refreshing…".to_owned(),
                seen => format!("Refreshing… {}", thousands(seen)),
            },
            _ => "Refresh".to_owned(),
        })
    }
}

/// The button Refresh. Its text and width stay the same while it runs; the cell of the last refresh
/// shows the progress.
#[component]
pub(super) fn RefreshButton(
    /// The checks of the row.
    checks: RowChecks,
    /// Whether there is a base URL to call.
    enabled: Signal<bool>,
) -> impl IntoView {
    let testing = checks.runs(CheckKind::Test);
    let refreshing = checks.runs(CheckKind::Refresh);
    let label = Signal::derive(move || {
        let word = checks.refresh_word();
        checks.name.with(|name| Some(format!("{word} {name}")))
    });
    view! {
        <Button
            edits=true
            label=label
            busy=refreshing
            disabled=Signal::derive(move || testing.get() || !enabled.get())
            press=move || checks.all.refresh(checks.owner.get_value())
        >
            "Refresh"
        </Button>
    }
}

/// The row with the report of the last check.
#[component]
pub(super) fn ReportRow(
    /// The checks of the row.
    checks: RowChecks,
    /// Where its owner is configured.
    #[prop(into)]
    configure: Signal<Path>,
    /// Whether a previous key can be switched back to.
    #[prop(into)]
    has_previous_key: Signal<bool>,
) -> impl IntoView {
    move || {
        let last = checks.last.get()?;
        let answer = match last.phase {
            CheckPhase::Running { .. } => {
                preload_report();
                return None;
            }
            CheckPhase::Done(answer) => answer,
        };
        let report = Report {
            kind: last.kind,
            answer,
            of: checks.name.get_untracked(),
            owner: checks.owner.with_value(|owner| owner.name().to_owned()),
            configure: configure.get_untracked(),
            has_previous_key,
            dismiss: Callback::new(move |()| {
                // Its button disappears with it: the focus goes to the row above.
                dom::focus("tr:has(+ .report-row:focus-within) .menu-button");
                checks.all.dismiss(&checks.owner.get_value());
            }),
        };
        Some(view! {
            <tr role="row" class="report-row">
                <td role="cell" colspan=COLUMN_COUNT>
                    <ReportPanel report=report />
                </td>
            </tr>
        })
    }
}
