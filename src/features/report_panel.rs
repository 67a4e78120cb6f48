//! Shows the report of a refresh or test: the request, its outcome, and the models it names.

use crate::api::ApiError;
use crate::api::types::{CheckOutcome, OutcomeReport};
use crate::components::{Badge, Button, ButtonKind, Prose, Show, Tone};
use crate::features::add_header::AddHeaderLinks;
use crate::features::on_demand::OnDemand;
use crate::features::removed_models::RemovedModels;
use crate::format::{changes_of, count, outcome_tone, outcome_word, thousands, time_taken};
use crate::lazy::{part, preload};
use crate::paths::Path;
use crate::state::CheckKind;
use leptos::prelude::*;

/// How many ids a group shows before the rest is folded.
const SHOWN: usize = 12;

/// The report of a check, with whose it is.
#[derive(Clone)]
pub(crate) struct Report {
    /// Test or refresh.
    pub(crate) kind: CheckKind,
    /// Its outcome.
    pub(crate) answer: Result<OutcomeReport, ApiError>,
    /// The owner's name.
    pub(crate) of: String,
    /// The first segment of the refs to its models.
    pub(crate) owner: String,
    /// Where the owner is configured.
    pub(crate) configure: Path,
    /// Whether a previous key can be switched back to, where the owner is configured.
    pub(crate) has_previous_key: Signal<bool>,
    /// Dismisses it.
    pub(crate) dismiss: Callback<()>,
}

part!(load_report, report, Report, |report| {
    view! { <LoadedReport report=report /> }.into_any()
});

/// Preloads what shows a report, as while a check runs.
pub(crate) fn preload_report() {
    preload(load_report);
}

/// A report that can be dismissed.
#[component]
pub(crate) fn ReportPanel(report: Report) -> impl IntoView {
    view! { <OnDemand load=load_report given=report label="Loading the report" /> }
}

#[component]
fn LoadedReport(report: Report) -> impl IntoView {
    let Report {
        kind,
        answer,
        of,
        owner,
        configure,
        has_previous_key,
        dismiss,
    } = report;
    let what = match kind {
        CheckKind::Test => "Test",
        CheckKind::Refresh => "Refresh",
    };
    let body = match answer {
        Ok(report) => {
            // A header that is named is the remedy.
            let remedy = remedy(&report).filter(|_| report.missing_headers.is_empty());
            let configure_href = configure.to_string();
            let is_refused = report.outcome == CheckOutcome::Unauthorized;
            let remedy = remedy.map(|text| {
                view! {
                    <p class="remedies">
                        <a
                            href=configure.to_string()
                            class="button"
                            data-kind="plain"
                            data-size="small"
                        >
                            {text}
                        </a>
                        <Show when=move || is_refused && has_previous_key.get()>
                            <a
                                href=configure_href.clone()
                                class="button"
                                data-kind="plain"
                                data-size="small"
                            >
                                "Switch back to the previous key…"
                            </a>
                        </Show>
                    </p>
                }
            });
            let missing = report.missing_headers.clone();
            let removed: Vec<String> = match kind {
                CheckKind::Test => Vec::new(),
                CheckKind::Refresh => report
                    .removed
                    .iter()
                    .map(|id| [&*owner, "/", id].concat())
                    .collect(),
            };
            let replace = (!removed.is_empty()).then(|| view! { <RemovedModels refs=removed /> });
            view! {
                <ReportText kind=kind report=report />
                {replace}
                <AddHeaderLinks names=missing configure=configure />
                {remedy}
            }
            .into_any()
        }
        Err(error) => view! {
            <p class="report-line">
                <Badge tone=Tone::Bad text="Failed" />
                <span>
                    <Prose text=error.message() />
                </span>
            </p>
        }
        .into_any(),
    };
    let close = format!("Close the report of {of}");
    view! {
        <section class="report" aria-label=format!("{what} of {of}")>
            <div class="report-body">{body}</div>
            <Button kind=ButtonKind::Quiet label=close press=dismiss>
                "Close"
            </Button>
        </section>
    }
}

/// What fixes an outcome where the owner is configured.
fn remedy(report: &OutcomeReport) -> Option<&'static str> {
    match report.outcome {
        CheckOutcome::Unauthorized => Some("Enter key"),
        CheckOutcome::AddressNotAllowed if report.may_be_allowed => Some("Allow this address"),
        CheckOutcome::AddressNotAllowed
        | CheckOutcome::NotFound
        | CheckOutcome::Redirected
        | CheckOutcome::ConnectFailed
        | CheckOutcome::TlsFailed
        | CheckOutcome::BadResponse => Some("Check the base URL"),
        CheckOutcome::NotSent => Some("Check the configuration"),
        _ => None,
    }
}

/// The content of a report, without a frame; for dialogs and forms as well.
#[component]
pub fn ReportText(
    /// Test or refresh.
    kind: CheckKind,
    /// The report.
    report: OutcomeReport,
) -> impl IntoView {
    let tone = outcome_tone(report.outcome);
    let succeeded = tone == Tone::Ok;
    let word = if succeeded && kind == CheckKind::Refresh {
        "Refreshed".to_owned()
    } else {
        outcome_word(report.outcome, report.status)
    };
    let summary = (succeeded && kind == CheckKind::Refresh).then(|| changes_of(&report));
    let skipped = (report.skipped > 0).then(|| {
        format!(
            "{} without a usable id skipped.",
            count(report.skipped, "element", "elements")
        )
    });
    let time = time_taken(report.outcome, report.duration_ms);
    let asked = match time {
        Some(time) => [&*report.request, " · ", &*time].concat(),
        None => report.request,
    };
    let asked = (!asked.is_empty()).then(|| view! { <code class="faint">{asked}</code> });
    let groups = match kind {
        CheckKind::Test => vec![("Listed", report.added)],
        CheckKind::Refresh => vec![
            ("Added", report.added),
            ("No longer listed", report.removed),
            ("Listed again", report.listed_again),
            ("Changed", report.changed),
        ],
    };
    let groups = groups
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(title, ids)| view! { <IdGroup title=title ids=ids /> })
        .collect_view();
    view! {
        <p class="report-line">
            <Badge tone=tone text=word />
            {summary.map(|summary| view! { <b>{summary}</b> })}
            {asked}
        </p>
        <p>
            <Prose text=report.message />
            {skipped.map(|text| format!(" {text}"))}
        </p>
        {groups}
    }
}

/// Ids under a title. Long lists are folded after the first few.
#[component]
fn IdGroup(title: &'static str, mut ids: Vec<String>) -> impl IntoView {
    let heading = format!("{title} ({})", thousands(ids.len() as u64));
    let rest = ids.split_off(ids.len().min(SHOWN));
    let more = (!rest.is_empty()).then(|| {
        let summary = format!("{} more", thousands(rest.len() as u64));
        view! {
            <details>
                <summary>{summary}</summary>
                <IdList ids=rest />
            </details>
        }
    });
    view! {
        <div class="report-group">
            <h3>{heading}</h3>
            <IdList ids=ids />
            {more}
        </div>
    }
}

#[component]
fn IdList(ids: Vec<String>) -> impl IntoView {
    let items = ids
        .into_iter()
        .map(|id| view! { <li><code>{id}</code></li> })
        .collect_view();
    view! { <ul class="ids">{items}</ul> }
}
