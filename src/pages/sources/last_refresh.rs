//! The last refresh of the source that is edited.

use crate::api::types::{CheckOutcome, OutcomeRecord};
use crate::components::{Badge, RelativeTime};
use crate::format::{changes, outcome_tone, outcome_word};
use crate::state::use_clock;
use leptos::prelude::*;

/// What came of it, and when.
#[component]
pub(super) fn LastRefresh(
    /// The last refresh; `None` where there was none.
    record: Option<OutcomeRecord>,
) -> impl IntoView {
    let now = use_clock().now();
    record.map(|record| {
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
    })
}
