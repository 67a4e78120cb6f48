//! The route of the fallback.

use super::request::RequestPanel;
use crate::components::{Definition, KindBadge, RouteLine, Sentence, Term, Trace, Warnings};
use crate::explain::{Sender, kind_word, stations_of, summary};
use crate::features::remedy::{Failure, Remedy};
use leptos::prelude::*;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};
use waypost_routing::resolve::{FALLBACK_STATUSES, FallbackUse};

/// The fallback in short, with its request and trace to unfold.
#[component]
pub(super) fn Fallback(
    /// The stored agent that sends it.
    agent: Option<String>,
    resolution: Resolution,
    operation: Operation,
    sender: Sender,
    /// When it is used.
    used: FallbackUse,
    take: Callback<String>,
) -> impl IntoView {
    let sender = sender.with_fallback();
    let rejected = resolution.outcome == Outcome::Rejected;
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let shown_kind = kind.filter(|_| !rejected);
    let line = stations_of(&resolution, &sender);
    let parts = summary(&resolution);
    let failure = Failure::of(&resolution, agent);
    view! {
        <section class="part fallback" aria-label="Fallback">
            <h2>"Fallback"</h2>
            <p>{condition(used)}</p>
            <p class="small">
                <Definition term=Term::Fallback text="What is a fallback?" />
            </p>
            <p class="outcome">
                <KindBadge kind=shown_kind word=shown_kind.map_or("no route", kind_word) />
                <span>
                    <Sentence parts=parts />
                </span>
            </p>
            <Remedy failure=failure />
            <RouteLine kind=kind stations=line rejected=rejected label="Route of the fallback" />
            <Warnings warnings=resolution.warnings.clone() on_suggestion=take />
            <details class="more">
                <summary>"Request, credential and reasons for the fallback"</summary>
                <div class="answer-parts">
                    <RequestPanel resolution=resolution.clone() operation=operation document=None />
                    <section class="part">
                        <h2>"Why"</h2>
                        <Trace entries=resolution.trace />
                    </section>
                </div>
            </details>
        </section>
    }
}

/// When the fallback is used, in a sentence.
fn condition(used: FallbackUse) -> String {
    match used {
        FallbackUse::AfterFailure => {
            let (last, others) = FALLBACK_STATUSES.split_last().expect("there are some");
            let others: Vec<String> = others.iter().map(u16::to_string).collect();
            format!(
                "Used if the primary cannot be reached, does not begin to answer in time, or answers with status {} or {last}.",
                others.join(", ")
            )
        }
        FallbackUse::Immediately => "Used now, because the primary has no route.".to_owned(),
        FallbackUse::NeverForPassthrough => {
            "Not used: a passthrough request is never sent another way.".to_owned()
        }
        FallbackUse::NeverForDisabledModel => {
            "Not used: the primary is disabled, and Waypost does not replace a disabled model."
                .to_owned()
        }
        FallbackUse::NeverRejected => "Not used: the fallback has no route either.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_condition_names_every_status() {
        let text = condition(FallbackUse::AfterFailure);
        for status in FALLBACK_STATUSES {
            assert!(text.contains(&status.to_string()), "{text}");
        }
        assert!(text.ends_with("504 or 529."), "{text}");
    }
}
