//! Testing the form before saving, and the last refresh of the saved source.

use super::form::SourceForm;
use crate::api::types::{CheckOutcome, OutcomeRecord, OutcomeReport};
use crate::api::{ApiError, use_api};
use crate::components::{Badge, RelativeTime};
use crate::features::report_panel::ReportText;
use crate::format::{changes, outcome_tone, outcome_word};
use crate::state::{Announcer, CheckKind, use_announcer, use_clock};
use crate::task::spawn_scoped;
use leptos::prelude::*;

/// The test of the form.
#[derive(Clone, Copy)]
pub(super) struct FormTest {
    form: SourceForm,
    error: RwSignal<Option<ApiError>>,
    /// Whether it runs.
    pub(super) running: RwSignal<bool>,
    /// The report, and which credential was used for it.
    report: RwSignal<Option<(OutcomeReport, String)>>,
    api: crate::api::Api,
    announcer: Announcer,
}

impl FormTest {
    /// A test that has not run. Invalid fields go into `error`.
    pub(super) fn new(form: SourceForm, error: RwSignal<Option<ApiError>>) -> Self {
        Self {
            form,
            error,
            running: RwSignal::new(false),
            report: RwSignal::new(None),
            api: use_api(),
            announcer: use_announcer(),
        }
    }

    /// The outcome of the last test.
    pub(super) fn outcome(self) -> Option<CheckOutcome> {
        self.report
            .with(|report| report.as_ref().map(|(report, _)| report.outcome))
    }

    /// Tests the values of the form.
    pub(super) fn run(self) {
        if self.running.get_untracked() {
            return;
        }
        let used = self.credential_used();
        self.running.set(true);
        self.error.set(None);
        self.report.set(None);
        self.announcer.say("Testing.");
        spawn_scoped(async move {
            let answer = self.api.test_source_draft(self.form.as_draft()).await;
            self.running.set(false);
            match answer {
                Ok(report) => {
                    self.announcer.say(report.message.clone());
                    self.report.set(Some((report, used)));
                }
                Err(problem) => {
                    self.announcer.say(problem.message());
                    self.error.set(Some(problem));
                }
            }
        });
    }

    fn credential_used(self) -> String {
        let typed = self
            .form
            .auth_value
            .with_untracked(|value| !value.trim().is_empty());
        let stored = self.form.has_stored_key() && !self.form.clear_auth.get_untracked();
        let moved = untrack(|| self.form.moves());
        if typed {
            "Tested with the value you entered."
        } else if stored && moved {
            "Tested without a key: the stored key belongs to another origin."
        } else if stored {
            "Tested with the stored key."
        } else {
            "Tested without a key."
        }
        .to_owned()
    }
}

/// The report of the test, and the last refresh.
#[component]
pub(super) fn TestReport(
    /// The test.
    test: FormTest,
    /// The last refresh of the saved source.
    last_refresh: Option<OutcomeRecord>,
) -> impl IntoView {
    let now = use_clock().now();
    view! {
        {move || {
            test.report
                .get()
                .map(|(report, used)| {
                    view! {
                        <section class="part" aria-labelledby="test-heading">
                            <h3 id="test-heading">"Test"</h3>
                            <ReportText kind=CheckKind::Test report=report />
                            <p class="small">{used} " Nothing was saved."</p>
                        </section>
                    }
                })
        }}
        {last_refresh
            .map(|record| {
                let tone = outcome_tone(record.outcome);
                let word = outcome_word(record.outcome, record.status);
                let what = if record.outcome == CheckOutcome::Ok {
                    changes(&record)
                } else {
                    record.message.clone()
                };
                view! {
                    <section class="part" aria-labelledby="refresh-heading">
                        <h3 id="refresh-heading">"Last refresh"</h3>
                        <p class="report-line">
                            <Badge tone=tone text=word />
                            <RelativeTime at=record.at now=now />
                        </p>
                        <p class="small">{what}</p>
                    </section>
                }
            })}
    }
}
