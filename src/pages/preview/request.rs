//! The request that would be sent, what it can be copied as, and its credential.

use crate::components::{
    COPY_BLOCKED, CopyButton, CredentialLadder, Definition, Prose, RequestView, Term,
};
use crate::state::{use_announcer, use_workspace};
use leptos::prelude::*;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::body_routing::{BODY_MAY_REROUTE, BODY_ROUTING_FIELDS};
use waypost_routing::export::{Curl, curl, model_list_entry};
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// The request and its credential; nothing where no route is known.
#[component]
pub(super) fn RequestPanel(
    resolution: Resolution,
    operation: Operation,
    /// The agent document to copy, where there is one.
    document: Option<Signal<String>>,
) -> impl IntoView {
    let entry = model_list_entry(&resolution);
    let curl = curl(&resolution, operation);
    let route = resolution.route?;
    let origin = route
        .base_url
        .as_ref()
        .and_then(|base| BaseUrl::parse(&base.value).ok())
        .map(|base| base.origin())
        .unwrap_or_default();
    let credential = route.credential.clone();
    let caller_headers: Vec<String> = route
        .caller_headers
        .iter()
        .map(|name| name.to_string())
        .collect();
    let has_body = operation != Operation::Models;
    let policy = route.fallback_policy.clone();
    let rejected = resolution.outcome == Outcome::Rejected;
    let view = view! {
        <section class="part">
            <div class="part-head">
                <h2>"Request"</h2>
                <div class="copy-as">
                    <span class="small" aria-hidden="true">
                        "Copy as"
                    </span>
                    {curl.clone().map(|curl| view! { <CopyAs text=curl.command label="curl" /> })}
                    {document.map(|document| view! { <CopyAs text=document label="agent YAML" /> })}
                    {entry.map(|entry| view! { <CopyAs text=entry.yaml label="LiteLLM entry" /> })}
                </div>
            </div>
            <RequestView route=route operation=operation />
            {has_body.then(|| view! { <CallerHeaders names=caller_headers /> })}
            {has_body.then(|| view! { <BodyRouting /> })}
            <p class="small">
                <code>"model"</code> " is the " <Definition term=Term::WireModel /> "."
                {policy
                    .map(|policy| {
                        view! {
                            " The " <Definition term=Term::FallbackPolicy /> " is "
                            <code>{policy}</code> "."
                        }
                    })}
            </p>
            {curl.filter(|curl| !curl.variables.is_empty()).map(|curl| view! { <Variables curl=curl /> })}
        </section>
        <section class="part">
            <h2>"Credential"</h2>
            <CredentialLadder credential=credential origin=origin rejected=rejected />
        </section>
    };
    Some(view)
}

/// What a forwarded request carries beside the lines above: headers of the caller, and those of the
/// connection.
#[component]
fn CallerHeaders(names: Vec<String>) -> impl IntoView {
    view! {
        <div class="caller-headers small">
            <p>"When Waypost forwards a request, it passes these headers on if the caller sends them:"</p>
            <ul aria-label="Headers passed on">
                {names
                    .into_iter()
                    .map(|name| {
                        view! {
                            <li>
                                <code>{name}</code>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            <p>
                "The connection adds " <code>"host"</code> ", " <code>"content-length"</code> " and "
                <code>"accept-encoding: identity"</code> "."
            </p>
        </div>
    }
}

/// What becomes of a body with a field that a gateway may route by.
#[component]
fn BodyRouting() -> impl IntoView {
    let workspace = use_workspace();
    let text = Signal::derive(move || {
        let refuses = workspace
            .snapshot()
            .with(|snapshot| snapshot.refuse_body_routing)
            .unwrap_or_default();
        let fields = BODY_ROUTING_FIELDS.map(|field| format!("`{field}`"));
        let then = match refuses {
            true => "Requests with one of them are refused, as Settings says.".to_owned(),
            false => {
                format!("They pass unchanged, and the request is flagged `{BODY_MAY_REROUTE}`.")
            }
        };
        let fields = fields.join(", ");
        format!("Fields of the body that a gateway may route by: {fields}. {then}")
    });
    view! {
        <p class="small">
            <Prose text=text />
        </p>
    }
}

#[component]
fn CopyAs(#[prop(into)] text: Signal<String>, label: &'static str) -> impl IntoView {
    let announcer = use_announcer();
    let copied = move |done: bool| {
        if done {
            announcer.say(["Copied as ", label, "."].concat());
        } else {
            announcer.say(COPY_BLOCKED);
        }
    };
    let name = ["Copy as ", label].concat();
    view! { <CopyButton text=text label=label name=name copied=Callback::new(copied) /> }
}

/// What the variables of the copied command stand for.
#[component]
fn Variables(curl: Curl) -> impl IntoView {
    let last = curl.variables.len() - 1;
    view! {
        <p class="small">
            "The copied command reads "
            {curl
                .variables
                .into_iter()
                .enumerate()
                .map(|(at, variable)| {
                    let stands_for = variable
                        .stands_for
                        .secret_name()
                        .map_or_else(|| "the environment".to_owned(), |name| format!("secret {name}"));
                    view! {
                        <code>{format!("${}", variable.name)}</code>
                        {format!(" ({stands_for})")}
                        {(at < last).then_some(", ")}
                    }
                })
                .collect_view()}
            " from your shell. Set the variables first: Waypost never shows stored values."
        </p>
    }
}
