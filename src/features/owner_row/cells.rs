//! The cells of a row that show numbers and times.

use super::OwnerSummary;
use super::check_outcome::CheckOutcomes;
use super::checks::RowChecks;
use crate::format::{current_since, thousands};
use crate::paths::Path;
use leptos::prelude::*;

/// How many models an owner has, with a link to them.
#[component]
pub(super) fn ModelCountCell(summary: Memo<OwnerSummary>) -> impl IntoView {
    let counts = Memo::new(move |_| {
        summary.with(|summary| (summary.owner.name().to_owned(), summary.models))
    });
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
            <a href=Path::models_of(&owner).to_string() class="figures">
                <b>{thousands(counts.enabled)}</b>
                " "
                <span class="nowrap">"of " {thousands(counts.total)}</span>
                <span class="visually-hidden">" models enabled"</span>
            </a>
            {absent}
        }
        .into_any()
    }
}

/// The check that runs; else the last refresh, and the last test if it is newer.
#[component]
pub(super) fn LastCheckCell(summary: Memo<OwnerSummary>, checks: RowChecks) -> impl IntoView {
    let last = Memo::new(move |_| {
        summary.with(|summary| {
            (
                summary.last_refresh.clone(),
                summary.last_test.clone(),
                summary.models.total > 0,
                current_since(&summary.key),
            )
        })
    });
    let progress = Memo::new(move |_| checks.progress());
    move || match progress.get() {
        Some(text) => view! { <span class="small faint">{text}</span> }.into_any(),
        None => {
            let (refresh, test, listed, since) = last.get();
            view! { <CheckOutcomes refresh=refresh test=test listed=listed key_since=since /> }
                .into_any()
        }
    }
}
