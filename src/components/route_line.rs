//! A route, drawn as a line with stations.

use super::{Address, Breaking, Prose};
use crate::explain::{Part, Station};
use leptos::prelude::*;
use waypost_routing::resolution::RouteKind;

/// The stations of a route in order: a line visually, an ordered list for assistive technology.
#[component]
pub fn RouteLine(
    /// The kind, which gives the line its colour; `None` if there is no route.
    kind: Option<RouteKind>,
    /// The stops, from the ref to the wire model.
    stations: Vec<Station>,
    /// Whether the request is not sent, which breaks the line.
    rejected: bool,
    /// Whose route it is, for assistive technology.
    #[prop(default = "Route")]
    label: &'static str,
) -> impl IntoView {
    view! {
        <ol class="route-line" data-rejected=rejected.then_some("true") data-kind=kind.map(RouteKind::name) aria-label=label>
            {stations
                .into_iter()
                .map(|station| {
                    view! {
                        <li class="station" data-shape=station.shape.name()>
                            <span class="station-what">{station.what}</span>
                            <b class="station-value">
                                <Address url=station.value />
                            </b>
                            <span class="station-note">
                                <Breaking text=station.note />
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}

/// The word for a kind of route, with the mark of its colour.
#[component]
pub fn KindBadge(
    /// The kind; `None` if the request is not sent.
    kind: Option<RouteKind>,
    /// The word.
    word: &'static str,
) -> impl IntoView {
    view! {
        <span class="kind-badge" data-kind=kind.map(RouteKind::name)>
            {word}
        </span>
    }
}

/// A sentence with its names emphasized.
#[component]
pub fn Sentence(
    /// Its parts.
    parts: Vec<Part>,
) -> impl IntoView {
    parts
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => view! { <Prose text=text /> }.into_any(),
            Part::Name(name) => view! { <b>{name}</b> }.into_any(),
            Part::Code(code) => view! { <code>{code}</code> }.into_any(),
        })
        .collect_view()
}
