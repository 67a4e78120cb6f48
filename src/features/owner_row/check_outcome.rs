//! The outcome of the last refresh and test, in the row of a provider or source.

use crate::api::types::{CheckOutcome, OutcomeRecord};
use crate::components::{Prose, RelativeTime};
use crate::format::{changes, outcome_word, time_taken};
use crate::state::use_clock;
use leptos::prelude::*;

/// The last refresh, and the last test if it is newer.
#[component]
pub(super) fn CheckOutcomes(
    /// The last refresh.
    refresh: Option<OutcomeRecord>,
    /// The last test of the saved configuration.
    test: Option<OutcomeRecord>,
    /// Whether models are listed, which a failed refresh keeps.
    listed: bool,
    /// Since when the current key is stored. A key that was refused before that was another one.
    key_since: Option<i64>,
) -> impl IntoView {
    let now = use_clock().now();
    let is_past = move |record: &OutcomeRecord| {
        record.outcome == CheckOutcome::Unauthorized
            && key_since.is_some_and(|since| record.at < since)
    };
    let refreshed_at = refresh.as_ref().map(|record| record.at);
    let refreshed = match refresh {
        None => view! { <span class="faint">"never"</span> }.into_any(),
        Some(record) if record.outcome == CheckOutcome::Ok => view! {
            <RelativeTime at=record.at now=now />
            <p class="small faint">{changes(&record)}</p>
        }
        .into_any(),
        Some(record) if is_past(&record) => view! {
            <RelativeTime at=record.at now=now />
            <p class="small faint">"with an earlier key"</p>
        }
        .into_any(),
        Some(record) => {
            let kept = listed.then_some(" · list kept");
            let at = record.at;
            view! {
                <Failure what="" record=record />
                <p class="small faint">
                    <RelativeTime at=at now=now />
                    {kept}
                </p>
            }
            .into_any()
        }
    };
    let test = test.filter(|record| Some(record.at) >= refreshed_at && !is_past(record));
    let tested = test.map(|record| {
        let at = record.at;
        let failed = record.outcome != CheckOutcome::Ok;
        view! {
            {failed.then(|| view! { <Failure what="test: " record=record /> })}
            <p class="small faint">
                {(!failed).then_some("tested ")}
                <RelativeTime at=at now=now />
            </p>
        }
    });
    view! {
        {refreshed}
        {tested}
    }
}

/// A failed check as one word, with the reason to unfold.
#[component]
fn Failure(
    /// Which check, where that has to be said.
    what: &'static str,
    record: OutcomeRecord,
) -> impl IntoView {
    let after = time_taken(record.outcome, record.duration_ms)
        .map(|time| format!(" After {time}."))
        .unwrap_or_default();
    view! {
        <details class="failure">
            <summary>{what} {outcome_word(record.outcome, record.status)}</summary>
            <p class="small">
                <Prose text=record.message />
                {after}
            </p>
        </details>
    }
}
