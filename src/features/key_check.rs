//! Checking what is entered before it is saved, and the way on when that fails.

use super::add_header::AddHeader;
use crate::api::types::{CheckOutcome, OutcomeReport};
use crate::api::{Answer, ApiError};
use crate::components::{Button, Notice, Prose, Show, Tone};
use crate::dom;
use crate::features::report_panel::ReportText;
use crate::format::tested_with;
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

/// A check to run.
pub(crate) struct CheckCall {
    /// The request.
    pub(crate) call: Answer<OutcomeReport>,
    /// Which key it is done with: `the key you entered`; `None` for none.
    pub(crate) key: Option<String>,
}

/// What waits for a check.
#[derive(Clone, Copy)]
pub(crate) struct Held {
    /// Does it without a check.
    pub(crate) anyway: Callback<()>,
    /// What the button for that says: `Save anyway`.
    pub(crate) label: &'static str,
    /// What is skipped, and what follows from that.
    pub(crate) skips: &'static str,
}

impl Held {
    /// Saving a key, which then takes effect at once.
    pub(crate) fn save(anyway: Callback<()>) -> Self {
        Self {
            anyway,
            label: "Save anyway",
            skips: "Skips the test. Requests then use this key, which stays “Not verified”.",
        }
    }

    /// Staging a key, which takes effect when it is switched to.
    pub(crate) fn stage(anyway: Callback<()>) -> Self {
        Self {
            anyway,
            label: "Save as next key anyway",
            skips: "Skips the test. Requests keep using the current key until you switch.",
        }
    }
}

/// A finished check.
#[derive(Clone)]
struct Checked {
    report: OutcomeReport,
    /// Which key it was done with.
    key: Option<String>,
    /// What was saved nevertheless.
    saved: &'static str,
    /// What waits for an answer about this outcome.
    held: Option<Held>,
}

/// What is saved while a check holds it.
pub(crate) const NOTHING: &str = "Nothing was saved.";

/// The key in the field.
pub(crate) const ENTERED: &str = "the key you entered";

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

    /// Whether the last check found an address that is not called unless it is allowed.
    pub(crate) fn asks_to_allow(self) -> bool {
        self.report.with(|checked| {
            let checked = checked.as_ref();
            checked.is_some_and(|checked| checked.report.may_be_allowed)
        })
    }

    /// Shows what the control plane's own check of the entered key said when it refused to save;
    /// false if that is not why it failed. `saved` says what was saved nevertheless.
    pub(crate) fn refused(self, failure: &ApiError, saved: &'static str, held: Held) -> bool {
        let Some(report) = failure.check().cloned() else {
            return false;
        };
        self.announcer.say([saved, " ", &*report.message].concat());
        self.report.set(Some(Checked {
            report,
            key: Some(ENTERED.to_owned()),
            saved,
            held: Some(held),
        }));
        true
    }

    /// Checks, and runs `save` if the endpoint accepts what is entered. Without `save` it only
    /// reports.
    pub(crate) fn run(self, check: CheckCall, save: Option<(Callback<()>, Held)>) {
        if self.running.get_untracked() {
            return;
        }
        let CheckCall { call, key } = check;
        self.running.set(true);
        self.error.set(None);
        self.report.set(None);
        self.announcer.say("Testing.");
        spawn_scoped(async move {
            let answer = call.await;
            self.running.set(false);
            match answer {
                Ok(report) => {
                    let works = works(report.outcome);
                    let held = save.filter(|_| !works).map(|(_, held)| held);
                    let prefix = if held.is_some() { "Not saved. " } else { "" };
                    self.announcer.say([prefix, &report.message].concat());
                    self.report.set(Some(Checked {
                        report,
                        key,
                        saved: NOTHING,
                        held,
                    }));
                    if let Some((save, _)) = save.filter(|_| works) {
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
    /// Allows calls to the private origin that was entered.
    #[prop(into)]
    allow_private: Callback<()>,
    /// Adds a header that the endpoint says is missing.
    #[prop(into)]
    add_header: Callback<String>,
    /// Whether the form takes headers that are secrets.
    takes_secret_headers: bool,
) -> impl IntoView {
    move || {
        check.report.get().map(|checked| {
            let Checked {
                report,
                key,
                saved,
                held,
            } = checked;
            // A button in it may have been pressed, such as the one that allows an address.
            on_cleanup(dom::focus_heading_if_lost);
            let missing = report.missing_headers.clone();
            let is_private = report.may_be_allowed;
            // It may be below the part of a long form that is in view.
            request_animation_frame(|| dom::show_nearest(".check-report"));
            let used = tested_with(key.as_deref(), report.outcome);
            let held = held.map(|held| {
                view! {
                    <Notice tone=Tone::Warn text=saved.to_owned()>
                        <Button edits=true press=held.anyway>{held.label}</Button>
                        <span class="small">{held.skips}</span>
                    </Notice>
                }
            });
            view! {
                <section class="check-report" aria-label="Test">
                    <ReportText kind=CheckKind::Test report=report />
                    <p class="small"><Prose text=used /></p>
                    <AddHeader names=missing add=add_header takes_secrets=takes_secret_headers />
                    <Show when=move || is_private>
                        <p>
                            <Button edits=true press=allow_private>"Allow this private address"</Button>
                        </p>
                    </Show>
                    {held}
                </section>
            }
        })
    }
}
