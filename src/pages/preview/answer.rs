//! The route of the request: the sentence, the line, the request, the credential, the trace.

use super::document::Document;
use super::expectation::ExpectationCheck;
use super::fallback::Fallback;
use super::inputs::{Inputs, link};
use super::outcome::ResolvedRoute;
use super::request::RequestPanel;
use crate::components::{
    CopyButton, KindBadge, MarkedRef, Notice, RouteLine, Sentence, Tone, Trace, Warnings,
};
use crate::explain::{expectation_of, kind_word, plain, stations, stations_of, summary};
use crate::features::remedy::Remedy;
use crate::features::replace_model::ReplaceModelButton;
use crate::state::use_announcer;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use waypost_routing::codes;
use waypost_routing::export::agent_document;
use waypost_routing::resolution::{Outcome, Resolution, Warning};
use waypost_routing::resolve::split_scope;

/// How long typing must pause before the outcome is announced.
const REST: Duration = Duration::from_millis(1200);

/// The resolved route.
#[component]
pub(super) fn Answer(
    outcome: Arc<ResolvedRoute>,
    inputs: Inputs,
    /// The agent's document. While it is edited it is not part of the link.
    document: Document,
    /// Puts a suggested ref in place.
    take: Callback<String>,
) -> impl IntoView {
    let resolution = outcome.resolution.clone();
    let (operation, sender) = (outcome.operation, outcome.sender.clone());
    speak_when_at_rest(plain(&summary(&resolution)));
    let rejected = resolution.outcome == Outcome::Rejected;
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let line = match &sender {
        None => stations(&resolution),
        Some((sender, _)) => stations_of(&resolution, sender),
    };
    let expected = sender.as_ref().and_then(|(sender, agent)| {
        // Expectations are about the primary.
        let own = sender.from != "as asked" && sender.from != "model.fallback";
        let expected = expectation_of(agent, sender.subagent.as_deref());
        expected.filter(|_| own).cloned()
    });
    let agent = sender.as_ref().map(|(_, agent)| agent.clone());
    let of_agent = sender.is_some();
    let announcer = use_announcer();
    let copied = move |done: bool| {
        announcer.say(match (done, of_agent && untrack(|| document.is_edited())) {
            (true, false) => "Link copied.",
            (true, true) => "Link copied. It does not include the YAML you edited here.",
            (false, _) => "The browser blocked copying.",
        });
    };
    // What the agent itself sends is its own document; anything else becomes a new one.
    let is_own = sender.as_ref().is_some_and(|(sender, _)| {
        sender.subagent.is_none() && sender.from != "as asked" && sender.from != "model.fallback"
    });
    let written = agent_document(&resolution, agent.as_deref()).map(|written| {
        Signal::derive(move || match document.text() {
            Some(text) if is_own => text,
            _ => written.clone(),
        })
    });
    let fallback = resolution.fallback.clone().zip(sender);
    view! {
        <section class="answer" aria-label="Route">
            <div class="answer-head">
                <Outcomes resolution=resolution.clone() />
                <CopyButton
                    text=Signal::derive(move || link(inputs.address()))
                    label="Copy link"
                    copied=Callback::new(copied)
                />
            </div>
            <RouteLine kind=kind stations=line rejected=rejected />
            <Warnings warnings=resolution.warnings.clone() on_suggestion=take />
            <ReplaceVanished resolution=resolution.clone() />
            <div class="answer-parts">
                {expected
                    .map(|expectation| {
                        view! { <ExpectationCheck expectation=expectation resolution=resolution.clone() /> }
                    })}
                <RequestPanel resolution=resolution.clone() operation=operation document=written />
                <section class="part">
                    <h2>"Why"</h2>
                    <Trace entries=resolution.trace />
                </section>
                {fallback
                    .map(|(fallback, (sender, _))| {
                        view! {
                            <Fallback
                                resolution=*fallback
                                operation=operation
                                sender=sender
                                take=take
                            />
                        }
                    })}
            </div>
        </section>
    }
}

/// The way to another model where the upstream no longer lists this one, or it is disabled.
#[component]
fn ReplaceVanished(resolution: Resolution) -> impl IntoView {
    let is_absent = |warning: &Warning| warning.code == codes::MODEL_ABSENT;
    let is_disabled = resolution
        .error
        .as_ref()
        .is_some_and(|error| error.code == codes::MODEL_DISABLED);
    let vanished = is_disabled || resolution.warnings.iter().any(is_absent);
    vanished.then(|| {
        let text = &resolution.model_ref;
        let from = split_scope(text).map_or(&**text, |(model, _)| model);
        view! {
            <p>
                "Replace it in the agents that use it: " <ReplaceModelButton from=from.to_owned() />
            </p>
        }
    })
}

/// The outcome in a sentence, and the part of the ref that is at fault.
#[component]
fn Outcomes(resolution: Resolution) -> impl IntoView {
    let parts = summary(&resolution);
    let failed = resolution.clone();
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
    let remedy = view! { <Remedy resolution=failed /> };
    view! {
        <div class="outcome">
            <Notice tone=Tone::Bad title="No route" text=error.message>
                {error
                    .span
                    .map(|span| view! { <MarkedRef model_ref=resolution.model_ref span=Some(span) /> })}
                {remedy}
            </Notice>
        </div>
    }
    .into_any()
}

/// Announces the outcome once typing pauses.
fn speak_when_at_rest(sentence: String) {
    let announcer = use_announcer();
    let timer = set_timeout_with_handle(move || announcer.say(sentence), REST).ok();
    on_cleanup(move || {
        if let Some(timer) = timer {
            timer.clear();
        }
    });
}
