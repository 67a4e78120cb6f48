//! The route of a request as it was decided, drawn as Route preview draws it.

use super::words::{fallback_reason, place_of};
use crate::api::types::RequestDetail;
use crate::components::{Prose, RequestView, RouteLine, Trace};
use crate::explain::{Sender, Station, stations, stations_of};
use leptos::prelude::*;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// The lines of the routes that were tried, and below them the request that was sent last.
#[component]
pub(super) fn DecidedRoute(detail: RequestDetail) -> impl IntoView {
    let Some(route) = detail.route.clone() else {
        return view! {
            <p class="small faint">"No route was decided for this request, or it is no longer stored."</p>
        }
        .into_any();
    };
    let operation = detail.request.operation.unwrap_or_default();
    let fallback = used_fallback(&detail);
    let primary = view! {
        <Line
            detail=detail.clone()
            route=route.clone()
            is_fallback=false
            label=if fallback.is_some() { "Route of the primary" } else { "Route" }
        />
    };
    let (second, last) = match fallback {
        None => (None, route),
        Some(fallback) => {
            let reason = detail.request.fallback.clone().unwrap_or_default();
            let place = detail.attempts.first().and_then(place_of);
            let why = format!(
                "Then the fallback, because {}:",
                fallback_reason(&reason, place.as_deref())
            );
            let line = view! {
                <p class="small">
                    <Prose text=why />
                </p>
                <Line
                    detail=detail
                    route=fallback.clone()
                    is_fallback=true
                    label="Route of the fallback"
                />
            };
            (Some(line), fallback)
        }
    };
    view! {
        {primary}
        {second}
        <RequestSent route=last operation=operation />
    }
    .into_any()
}

/// The fallback, where it was used.
fn used_fallback(detail: &RequestDetail) -> Option<Resolution> {
    detail.request.fallback.as_ref()?;
    let route = detail.route.as_ref()?;
    route.fallback.as_deref().cloned()
}

#[component]
fn Line(
    detail: RequestDetail,
    route: Resolution,
    is_fallback: bool,
    label: &'static str,
) -> impl IntoView {
    let kind = route.route.as_ref().map(|route| route.kind);
    let rejected = route.outcome == Outcome::Rejected;
    let stations = stations_from(&detail, &route, is_fallback);
    view! { <RouteLine kind=kind stations=stations rejected=rejected label=label /> }
}

/// The stations of a decided route. They start at the agent, if one sent it.
fn stations_from(detail: &RequestDetail, route: &Resolution, is_fallback: bool) -> Vec<Station> {
    let request = &detail.request;
    let Some(agent) = &request.agent else {
        return stations(route);
    };
    let has_fallback =
        |route: &Option<Resolution>| route.as_ref().is_some_and(|route| route.fallback.is_some());
    let from = match is_fallback {
        true => "model.fallback",
        // Only a primary has a fallback.
        false if has_fallback(&detail.route) => "model.primary",
        false => "as sent",
    };
    let sender = Sender {
        agent: agent.clone(),
        subagent: request.subagent.clone(),
        from,
    };
    stations_of(route, &sender)
}

/// What was sent, and why it was sent there.
#[component]
fn RequestSent(route: Resolution, operation: Operation) -> impl IntoView {
    let rejected = route.outcome == Outcome::Rejected;
    let request = route.route.clone().filter(|_| !rejected);
    let summary = match request.is_some() {
        true => "Request that was sent, and why",
        false => "Why it was not sent",
    };
    view! {
        <details class="more">
            <summary>{summary}</summary>
            <div class="answer-parts">
                {request
                    .map(|request| {
                        view! {
                            <section class="part">
                                <h3>"Request"</h3>
                                <RequestView route=request operation=operation />
                                <p class="small">
                                    "With the headers of the caller that pass, and every other byte of its body."
                                </p>
                            </section>
                        }
                    })}
                <section class="part">
                    <h3>"Why"</h3>
                    <Trace entries=route.trace />
                </section>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::requests::words::sample;

    #[test]
    fn a_line_begins_at_the_agent_and_says_what_it_sent() {
        let text = include_str!("../../../crates/routing/tests/golden/resolutions.json");
        let routes: Vec<Resolution> = serde_json::from_str(text).expect("routes");
        let route = &routes[0];
        let mut detail = sample::detail();
        let line = stations_from(&detail, route, false);
        assert_eq!((line[0].what, &*line[0].value), ("agent", "bot"));
        assert_eq!((line[1].what, &*line[1].note), ("sends", "as sent"));
        let line = stations_from(&detail, route, true);
        assert_eq!(line[1].note, "model.fallback");
        detail.request.agent = None;
        assert_eq!(stations_from(&detail, route, false)[0].what, "ref");
    }
}
