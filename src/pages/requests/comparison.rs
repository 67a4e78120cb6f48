//! Whether the same request would take the same route now, and what would differ.

use super::words::{comparison_words, field_name};
use crate::api::types::{RouteComparison, RouteDifference, RouteNow};
use crate::components::{RouteLine, Tone};
use crate::explain::stations;
use leptos::prelude::*;
use waypost_routing::resolution::Outcome;

/// The verdict with the differences.
#[component]
pub(super) fn Comparison(
    now: RouteNow,
    /// Whether Waypost refused it then.
    refused: bool,
) -> impl IntoView {
    let (verdict, sentence) = comparison_words(now.comparison, refused);
    let tone = match now.comparison {
        RouteComparison::Same => Tone::Ok,
        RouteComparison::Differs | RouteComparison::AgentDeleted => Tone::Warn,
        RouteComparison::NotKnown => Tone::None,
    };
    let renamed = now
        .agent
        .map(|name| view! { <p class="small">"The agent is called " <b>{name}</b> " now."</p> });
    let differs = !now.differences.is_empty();
    let differences = now.differences.into_iter().map(line).collect_view();
    let route = now.route.filter(|_| differs).map(|route| {
        let kind = route.route.as_ref().map(|route| route.kind);
        let rejected = route.outcome == Outcome::Rejected;
        view! {
            <details class="more">
                <summary>"The route it would take now"</summary>
                <RouteLine
                    kind=kind
                    stations=stations(&route)
                    rejected=rejected
                    label="The route it would take now"
                />
            </details>
        }
    });
    view! {
        <div class="notice comparison" data-tone=tone.name()>
            <b>{verdict}</b>
            <span class="notice-text">{sentence}</span>
        </div>
        {renamed}
        {differs.then(|| view! { <dl class="differences">{differences}</dl> })}
        {route}
    }
}

/// A value then and now.
fn line(difference: RouteDifference) -> AnyView {
    let name = field_name(&difference);
    let then = difference.then.map(|value| {
        view! {
            <del>
                <span class="visually-hidden">"then: "</span>
                {value}
            </del>
        }
    });
    let now = match difference.now {
        Some(value) => view! {
            <ins>
                <span class="visually-hidden">"now: "</span>
                {value}
            </ins>
        }
        .into_any(),
        None => view! { <span class="faint">"none now"</span> }.into_any(),
    };
    view! {
        <div>
            <dt>{name}</dt>
            <dd>{then} " " {now}</dd>
        </div>
    }
    .into_any()
}
