//! Where the request goes: the sentence, the line, the request, the credential, the reasons.

use crate::components::{
    CopyButton, CredentialLadder, KindBadge, MarkedRef, Notice, RequestView, RouteLine, Sentence,
    Tone, Trace, Warnings,
};
use crate::dom;
use crate::explain::{curl, kind_word, plain, stations, summary};
use crate::paths::{Path, PreviewAddress};
use crate::state::use_announcer;
use leptos::prelude::*;
use std::time::Duration;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, Route};

/// How long typing must rest before the outcome is spoken.
const REST: Duration = Duration::from_millis(1200);

/// The resolution of what is asked.
#[component]
pub(super) fn Answer(
    /// The resolution.
    resolution: Resolution,
    /// What the request asks for.
    operation: Operation,
    /// Puts a suggested ref in place.
    take: Callback<String>,
) -> impl IntoView {
    speak_when_at_rest(plain(&summary(&resolution)));
    let rejected = resolution.outcome == Outcome::Rejected;
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let curl = curl(&resolution, operation);
    let line = stations(&resolution);
    let link = format!(
        "{}{}",
        dom::location_origin(),
        Path::Preview(PreviewAddress {
            model_ref: resolution.model_ref.clone(),
            operation,
            ..PreviewAddress::default()
        })
    );
    view! {
        <section class="answer" aria-label="Route">
            <div class="answer-head">
                <Outcomes resolution=resolution.clone() />
                <CopyButton text=link label="Copy link" />
            </div>
            <RouteLine kind=kind stations=line rejected=rejected />
            <Warnings warnings=resolution.warnings on_suggestion=take />
            <div class="answer-parts">
                {resolution.route.map(|route| view! { <Sent route=route operation=operation curl=curl /> })}
                <section class="part">
                    <h2>"Why"</h2>
                    <Trace entries=resolution.trace />
                </section>
            </div>
        </section>
    }
}

/// The outcome in a sentence, and the part of the ref that is at fault.
#[component]
fn Outcomes(resolution: Resolution) -> impl IntoView {
    let parts = summary(&resolution);
    let Some(error) = resolution
        .error
        .filter(|_| resolution.outcome == Outcome::Rejected)
    else {
        let kind = resolution.route.as_ref().map(|route| route.kind);
        return view! {
            <p class="outcome">
                <KindBadge kind=kind word=kind.map_or("", kind_word) />
                <span>
                    <Sentence parts=parts />
                </span>
            </p>
        }
        .into_any();
    };
    view! {
        <div class="outcome">
            <Notice tone=Tone::Bad title="No route" text=error.message>
                {error
                    .span
                    .map(|span| view! { <MarkedRef model_ref=resolution.model_ref span=Some(span) /> })}
            </Notice>
        </div>
    }
    .into_any()
}

/// The request and its credential.
#[component]
fn Sent(route: Route, operation: Operation, curl: Option<crate::explain::Curl>) -> impl IntoView {
    let origin = route
        .base_url
        .as_ref()
        .and_then(|base| BaseUrl::parse(&base.value).ok())
        .map(|base| base.origin())
        .unwrap_or_default();
    let credential = route.credential.clone();
    view! {
        <section class="part part-wide">
            <div class="part-head">
                <h2>"Request"</h2>
                {curl.clone().map(|curl| view! { <CopyCurl command=curl.command /> })}
            </div>
            <RequestView route=route operation=operation />
            {curl.filter(|curl| !curl.variables.is_empty()).map(|curl| view! { <Variables curl=curl /> })}
        </section>
        <section class="part">
            <h2>"Credential"</h2>
            <CredentialLadder credential=credential origin=origin />
        </section>
    }
}

#[component]
fn CopyCurl(command: String) -> impl IntoView {
    let announcer = use_announcer();
    let copied = move |done: bool| {
        announcer.say(if done {
            "Copied as curl."
        } else {
            "The browser did not allow copying."
        });
    };
    view! { <CopyButton text=command label="Copy as curl" copied=Callback::new(copied) /> }
}

/// What the variables of the copied command stand for.
#[component]
fn Variables(curl: crate::explain::Curl) -> impl IntoView {
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
                        .strip_prefix("secret:")
                        .map_or_else(|| "the environment".to_owned(), |name| format!("secret {name}"));
                    view! {
                        <code>{format!("${}", variable.name)}</code>
                        {format!(" ({stands_for})")}
                        {(at < last).then_some(", ")}
                    }
                })
                .collect_view()}
            " from your shell. Waypost shows no stored value: set what it needs there first."
        </p>
    }
}

/// Speaks the outcome once the page has not changed for a while.
fn speak_when_at_rest(sentence: String) {
    let announcer = use_announcer();
    let timer = set_timeout_with_handle(move || announcer.say(sentence), REST).ok();
    on_cleanup(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
    });
}
