//! What the rows of providers and custom sources share: the buttons that test and refresh, the
//! report below the row, the number of models and the last outcomes.

use crate::api::types::{ModelCounts, OutcomeRecord};
use crate::components::{Button, ButtonKind};
use crate::features::check_outcome::CheckOutcomes;
use crate::features::report_panel::ReportPanel;
use crate::format::thousands;
use crate::paths::Path;
use crate::state::{Check, CheckKind, CheckPhase, Owner, use_checks};
use leptos::prelude::*;
use leptos_router::components::A;

/// How many columns the lists have: a report spans them all.
const COLUMNS: &str = "6";

/// The checks of one owner, in its row.
#[derive(Clone, Copy)]
pub(crate) struct RowChecks {
    owner: StoredValue<Owner>,
    /// What the row calls the owner.
    name: Signal<String>,
    last: Memo<Option<Check>>,
}

impl RowChecks {
    /// The checks of an owner. `refreshing` says whether the server refreshes it, so that a refresh
    /// started in another tab or on an earlier page is followed.
    pub(crate) fn new(owner: Owner, name: Signal<String>, refreshing: Signal<bool>) -> Self {
        let checks = use_checks();
        let last = checks.of(owner.clone());
        let owner = StoredValue::new(owner);
        Effect::new(move || {
            if refreshing.get() {
                checks.follow(owner.get_value());
            }
        });
        Self { owner, name, last }
    }

    /// Whether a check runs.
    pub(crate) fn busy(self) -> Signal<bool> {
        Signal::derive(move || {
            self.last
                .with(|last| last.as_ref().is_some_and(Check::running))
        })
    }

    fn runs(self, kind: CheckKind) -> Signal<bool> {
        Signal::derive(move || {
            self.last.with(|last| {
                last.as_ref()
                    .is_some_and(|last| last.running() && last.kind == kind)
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

/// The buttons Test and Refresh.
#[component]
pub(crate) fn CheckButtons(
    /// The checks of the row.
    checks: RowChecks,
    /// Whether the owner can be checked, such as a source with a base URL.
    #[prop(default = Signal::stored(true), into)]
    enabled: Signal<bool>,
) -> impl IntoView {
    let all = use_checks();
    let testing = checks.runs(CheckKind::Test);
    let refreshing = checks.runs(CheckKind::Refresh);
    let refresh_word = Signal::derive(move || checks.refresh_word());
    let named = move |word: String| checks.name.with(|name| Some(format!("{word} {name}")));
    view! {
        <Button
            kind=ButtonKind::Quiet
            label=Signal::derive(move || named("Test".to_owned()))
            busy=testing
            disabled=Signal::derive(move || refreshing.get() || !enabled.get())
            press=move || all.test(checks.owner.get_value())
        >
            "Test"
        </Button>
        <Button
            kind=ButtonKind::Quiet
            label=Signal::derive(move || named(refresh_word.get()))
            busy=refreshing
            disabled=Signal::derive(move || testing.get() || !enabled.get())
            press=move || all.refresh(checks.owner.get_value())
        >
            {refresh_word}
        </Button>
    }
}

/// The row with the report of the last check.
#[component]
pub(crate) fn ReportRow(
    /// The checks of the row.
    checks: RowChecks,
) -> impl IntoView {
    let all = use_checks();
    move || {
        let last = checks.last.get()?;
        let CheckPhase::Done(answer) = last.phase else {
            return None;
        };
        Some(view! {
            <tr role="row" class="report-row">
                <td role="cell" colspan=COLUMNS>
                    <ReportPanel
                        kind=last.kind
                        answer=answer
                        of=checks.name.get_untracked()
                        dismiss=move || all.dismiss(&checks.owner.get_value())
                    />
                </td>
            </tr>
        })
    }
}

/// How many models an owner has, with a link to them.
#[component]
pub(crate) fn ModelCountCell(
    /// The name or slug of the owner, with its counts.
    counts: Memo<(String, ModelCounts)>,
) -> impl IntoView {
    move || {
        let (owner, counts) = counts.get();
        if counts.total == 0 {
            return view! { <span class="faint">"none yet"</span> }.into_any();
        }
        let absent = (counts.absent > 0).then(|| {
            let text = format!("{} no longer listed", thousands(counts.absent));
            view! { <p class="small faint">{text}</p> }
        });
        view! {
            <A href=Path::models_of(&owner).to_string() attr:class="figures">
                <b>{thousands(counts.enabled)}</b>
                " of "
                {thousands(counts.total)}
                <span class="visually-hidden">" models enabled"</span>
            </A>
            {absent}
        }
        .into_any()
    }
}

/// The last refresh and the last test.
#[component]
pub(crate) fn LastCheckCell(
    /// The last refresh, the last test, and how many models there are.
    last: Memo<(Option<OutcomeRecord>, Option<OutcomeRecord>, u64)>,
) -> impl IntoView {
    move || {
        let (refresh, test, models) = last.get();
        view! { <CheckOutcomes refresh=refresh test=test listed={models > 0} /> }
    }
}
