//! The route of the fallback.

use super::request::RequestPanel;
use crate::components::{Definition, KindBadge, RouteLine, Sentence, Term, Trace, Warnings};
use crate::explain::{Sender, kind_word, stations_of, summary};
use leptos::prelude::*;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// The fallback in short, with its request and trace to unfold.
#[component]
pub(super) fn Fallback(
    resolution: Resolution,
    operation: Operation,
    sender: Sender,
    take: Callback<String>,
) -> impl IntoView {
    let sender = sender.with_fallback();
    let rejected = resolution.outcome == Outcome::Rejected;
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let shown_kind = kind.filter(|_| !rejected);
    let line = stations_of(&resolution, &sender);
    let parts = summary(&resolution);
    view! {
        <section class="part fallback" aria-label="Fallback">
            <h2>"Fallback"</h2>
            <p class="small">
                <Definition term=Term::Fallback text="What is a fallback?" />
            </p>
            <p class="outcome">
                <KindBadge kind=shown_kind word=shown_kind.map_or("no route", kind_word) />
                <span>
                    <Sentence parts=parts />
                </span>
            </p>
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
