//! A route in short: of a ref, or of an agent with its subagents.

use crate::components::{
    Address, Button, KindBadge, MarkedRef, Sentence, Warnings, credential_words,
};
use crate::explain::{host, kind_word, summary};
use crate::features::remedy::{Failure, Remedy};
use crate::paths::Path;
use crate::state::SharedTable;
use leptos::prelude::*;
use waypost_routing::agent::Agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// How many subagents are listed.
const SUBAGENTS: usize = 6;

/// The route of a request.
#[component]
pub(super) fn RouteCard(
    /// The resolved request.
    resolution: Resolution,
    /// The stored agent that sends it.
    #[prop(optional_no_strip)]
    agent: Option<String>,
    /// Closes the palette and goes to a page.
    go: Callback<Path>,
    /// Puts a suggested ref into the field.
    take: Callback<String>,
) -> impl IntoView {
    let rejected = resolution.outcome == Outcome::Rejected;
    let parts = summary(&resolution);
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let kind = kind.filter(|_| !rejected);
    let failure = Failure::of(&resolution, agent);
    let span = resolution.error.as_ref().and_then(|error| error.span);
    view! {
        <div class="route-card">
            <p class="route-card-head">
                <KindBadge kind=kind word=kind.map_or("no route", kind_word) />
                <span class="small">
                    <Sentence parts=parts />
                </span>
            </p>
            {span
                .map(|span| {
                    view! {
                        <p>
                            <MarkedRef model_ref=resolution.model_ref span=Some(span) />
                        </p>
                    }
                })}
            <Remedy failure=failure go=go />
            {resolution
                .route
                .map(|route| {
                    let credential = credential_words(route.credential.as_ref());
                    let url = match route.url {
                        Some(url) => view! { <Address url=url /> }.into_any(),
                        None => "no base URL is known".into_any(),
                    };
                    view! {
                        <dl class="facts">
                            <dt>{route.method}</dt>
                            <dd>{url}</dd>
                            <dt>"Wire model"</dt>
                            <dd>
                                <Address url=route.wire_model />
                            </dd>
                            <dt>"Credential"</dt>
                            <dd>{credential}</dd>
                        </dl>
                    }
                })}
            <Warnings warnings=resolution.warnings on_suggestion=take />
        </div>
    }
}

/// An agent: its route, where its subagents go, and the way to its preview.
#[component]
pub(super) fn AgentCard(
    agent: Agent,
    table: SharedTable,
    /// Closes the palette and goes to a page.
    go: Callback<Path>,
    /// Puts a suggested ref into the field.
    take: Callback<String>,
) -> impl IntoView {
    let own = table.resolve_agent(&agent, None, Operation::default());
    let subagents = agent
        .subagents
        .keys()
        .take(SUBAGENTS)
        .map(|alias| {
            let resolution = table.resolve_untraced(&agent, Some(alias));
            let base_url = resolution
                .route
                .as_ref()
                .and_then(|route| route.base_url.as_ref());
            let place = match (resolution.outcome, base_url) {
                (Outcome::Routed, Some(base)) => host(&base.value).to_owned(),
                _ => "no route".to_owned(),
            };
            view! {
                <dt>
                    <bdi>{alias.clone()}</bdi>
                </dt>
                <dd>{place}</dd>
            }
        })
        .collect_view();
    let more = agent.subagents.len().saturating_sub(SUBAGENTS);
    let any = !agent.subagents.is_empty();
    let path = Path::preview_of_agent(&agent.name);
    view! {
        <RouteCard resolution=own agent=Some(agent.name.clone()) go=go take=take />
        {any
            .then(|| {
                view! {
                    <p class="palette-group">"Subagents"</p>
                    <dl class="facts">{subagents}</dl>
                }
            })}
        {(more > 0).then(|| view! { <p class="small">{format!("and {more} more")}</p> })}
        <p>
            <Button press=move || go.run(path.clone())>"Preview its route"</Button>
        </p>
    }
}
