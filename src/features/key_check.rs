//! Checking what is entered before it is saved, and the way on when that fails.

use crate::api::types::{CheckOutcome, OutcomeReport};
use crate::api::{Answer, ApiError};
use crate::components::{Button, Notice, Show, Tone};
use crate::dom;
use crate::features::report_panel::ReportText;
use crate::state::{Announcer, CheckKind, use_announcer};
use crate::task::spawn_scoped;
use leptos::prelude::*;

/// A check of unsaved input, alone or before saving.
#[derive(Clone, Copy)]
pub(crate) struct KeyCheck {
    running: RwSignal<bool>,
    report: RwSignal<Option<Checked>>,
    /// Why it could not run.
    pub(crate) error: RwSignal<Option<ApiError>>,
    announcer: Announcer,
}

/// A finished check.
#[derive(Clone)]
struct Checked {
    report: OutcomeReport,
    /// Which key it was done with.
    used: &'static str,
    /// What was saved nevertheless.
    saved: &'static str,
    /// Whether saving waits for an answer about this outcome.
    holds_save: bool,
}

/// What is saved while a check holds it.
pub(crate) const NOTHING: &str = "Nothing was saved.";

/// Whether the outcome shows that requests work.
fn works(outcome: CheckOutcome) -> bool {
    matches!(outcome, CheckOutcome::Ok | CheckOutcome::NoModels)
}

impl KeyCheck {
    /// A check that has not run.
    pub(crate) fn new(error: RwSignal<Option<ApiError>>) -> Self {
        Self {
            running: RwSignal::new(false),
            report: RwSignal::new(None),
            error,
            announcer: use_announcer(),
        }
    }

    /// Whether it runs.
    pub(crate) fn running(self) -> Signal<bool> {
        self.running.into()
    }

    /// Forgets its report, as when the input changes.
    pub(crate) fn forget(self) {
        self.report.set(None);
    }

    /// The outcome of the last check.
    pub(crate) fn outcome(self) -> Option<CheckOutcome> {
        self.report
            .with(|report| report.as_ref().map(|checked| checked.report.outcome))
    }

    /// Shows what the control plane's own check said when it refused to save; false if that is not
    /// why it failed. `saved` says what was saved nevertheless.
    pub(crate) fn refused(self, failure: &ApiError, saved: &'static str) -> bool {
        let Some(report) = failure.check().cloned() else {
            return false;
        };
        self.announcer.say([saved, " ", &*report.message].concat());
        self.report.set(Some(Checked {
            report,
            used: "Tested with the key you entered.",
            saved,
            holds_save: true,
        }));
        true
    }

    /// Checks, and runs `save` if the endpoint accepts what is entered. Without `save` it only
    /// reports.
    pub(crate) fn run(
        self,
        (call, used): (Answer<OutcomeReport>, &'static str),
        save: Option<Callback<()>>,
    ) {
        if self.running.get_untracked() {
            return;
        }
        self.running.set(true);
        self.error.set(None);
        self.report.set(None);
        self.announcer.say("Testing.");
        spawn_scoped(async move {
            let answer = call.await;
            self.running.set(false);
            match answer {
                Ok(report) => {
                    let holds_save = save.is_some() && !works(report.outcome);
                    let prefix = if holds_save { "Not saved. " } else { "" };
                    self.announcer.say([prefix, &report.message].concat());
                    let proceeds = save.filter(|_| !holds_save);
                    self.report.set(Some(Checked {
                        report,
                        used,
                        saved: NOTHING,
                        holds_save,
                    }));
                    if let Some(save) = proceeds {
                        save.try_run(());
                    }
                }
                Err(failure) => {
                    self.announcer.say(failure.message());
                    self.error.set(Some(failure));
                }
            }
        });
    }
}

/// The report of a check, with what can be done about it.
#[component]
pub(crate) fn CheckReport(
    /// The check.
    check: KeyCheck,
    /// Saves without checking.
    #[prop(into)]
    save_anyway: Callback<()>,
    /// Allows calls to the private origin that was entered.
    #[prop(into)]
    allow_private: Callback<()>,
    /// Adds a header that the endpoint says is missing; absent where a form has no place for it.
    #[prop(optional, into)]
    add_header: Option<Callback<String>>,
) -> impl IntoView {
    move || {
        check.report.get().map(|checked| {
            let Checked {
                report,
                used,
                saved,
                holds_save,
            } = checked;
            let missing = report.missing_headers.clone();
            let missing = add_header.map(|add| {
                let buttons = missing.into_iter().map(|name| {
                    let label = format!("Add header {name}");
                    view! {
                        <Button edits=true press=move || add.run(name.clone())>
                            {label}
                        </Button>
                        " "
                    }
                });
                view! { <p>{buttons.collect_view()}</p> }
            });
            let is_private = report.outcome == CheckOutcome::AddressNotAllowed;
            // It may be below the part of a long form that is in view.
            request_animation_frame(|| dom::show_nearest(".check-report"));
            view! {
                <section class="check-report" aria-label="Test">
                    <ReportText kind=CheckKind::Test report=report />
                    <p class="small">{used}</p>
                    {missing}
                    <Show when=move || is_private>
                        <p>
                            <Button edits=true press=allow_private>"Allow this private address"</Button>
                        </p>
                    </Show>
                    <Show when=move || holds_save>
                        <Notice tone=Tone::Warn text=saved.to_owned()>
                            <Button edits=true press=save_anyway>"Save anyway"</Button>
                        </Notice>
                    </Show>
                </section>
            }
        })
    }
}
