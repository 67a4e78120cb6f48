//! The route of the request: the sentence, the line, the request, the credential, the trace.

use super::document::Document;
use super::expectation::ExpectationCheck;
use super::fallback::Fallback;
use super::inputs::{Inputs, link};
use super::not_listed::NotListed;
use super::outcome::ResolvedRoute;
use super::request::RequestPanel;
use crate::components::{
    COPY_BLOCKED, CopyButton, Definition, KindBadge, MarkedRef, Notice, RouteLine, Sentence, Term,
    Tone, Trace, Warnings,
};
use crate::explain::{expectation_of, kind_word, plain, stations, stations_of, summary};
use crate::features::remedy::{Failure, Remedy};
use crate::features::replace_model::{
    ReplaceModelButton, ReplaceRequest, SharedReplaceDialog, names,
};
use crate::format::count;
use crate::state::{use_announcer, use_routing_table, use_used_by};
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use waypost_routing::export::agent_document;
use waypost_routing::resolution::{Outcome, Resolution, RouteKind};
use waypost_routing::resolve::{fallback_use, split_scope};

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
    /// The dialog that replaces the model.
    dialog: SharedReplaceDialog,
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
        let own = sender.from != "as requested" && sender.from != "model.fallback";
        let expected = expectation_of(agent, sender.subagent.as_deref());
        expected.filter(|_| own).cloned()
    });
    let agent = sender.as_ref().map(|(_, agent)| agent.clone());
    let of_agent = sender.is_some();
    let replaced_in = agent.as_ref().map(|agent| agent.name.clone());
    let announcer = use_announcer();
    let copied = move |done: bool| {
        announcer.say(match (done, of_agent && untrack(|| document.is_edited())) {
            (true, false) => "Link copied.",
            (true, true) => "Link copied. It does not include the YAML you edited here.",
            (false, _) => COPY_BLOCKED,
        });
    };
    // What the agent itself sends is its own document; anything else becomes a new one.
    let is_own = sender.as_ref().is_some_and(|(sender, _)| {
        sender.subagent.is_none()
            && sender.from != "as requested"
            && sender.from != "model.fallback"
    });
    let written = agent_document(&resolution, agent.as_deref()).map(|written| {
        Signal::derive(move || match document.text() {
            Some(text) if is_own => text,
            _ => written.clone(),
        })
    });
    let agent_of_fallback = replaced_in.clone();
    let used = fallback_use(&resolution);
    let fallback = resolution.fallback.clone().zip(sender).zip(used);
    view! {
        <section class="answer" aria-label="Route">
            <div class="answer-head">
                <Outcomes resolution=resolution.clone() agent=replaced_in.clone() />
                <CopyButton
                    text=Signal::derive(move || link(inputs.address()))
                    label="Copy link"
                    copied=Callback::new(copied)
                />
            </div>
            <RouteLine kind=kind stations=line rejected=rejected />
            <Warnings warnings=resolution.warnings.clone() on_suggestion=take />
            <NotListed resolution=resolution.clone() />
            <ReplaceInAgents resolution=resolution.clone() agent=replaced_in dialog=dialog />
            <div class="answer-parts">
                {expected
                    .map(|expectation| {
                        view! { <ExpectationCheck expectation=expectation resolution=resolution.clone() /> }
                    })}
                <RequestPanel resolution=resolution.clone() operation=operation document=written />
                <section class="part">
                    <h2>"Why"</h2>
                    <p class="small">
                        "The first " <Definition term=Term::Rule /> " that matches decides."
                    </p>
                    <Trace entries=resolution.trace />
                </section>
                {fallback
                    .map(|((fallback, (sender, _)), used)| {
                        view! {
                            <Fallback
                                agent=agent_of_fallback
                                resolution=*fallback
                                operation=operation
                                sender=sender
                                used=used
                                take=take
                            />
                        }
                    })}
            </div>
        </section>
    }
}

/// The way to another model in the agents that use this one. It stands out where an error or warning
/// is about the model.
#[component]
fn ReplaceInAgents(
    resolution: Resolution,
    /// The agent that sends it, which is chosen at first.
    agent: Option<String>,
    dialog: SharedReplaceDialog,
) -> impl IntoView {
    let remedy = ReplaceRequest::remedy(&resolution, agent.into_iter().collect());
    let is_remedy = remedy.is_some();
    let text = resolution.model_ref;
    let request = remedy.unwrap_or_else(|| {
        let from = split_scope(&text).map_or(&*text, |(model, _)| model);
        ReplaceRequest::of(from)
    });
    let table = use_routing_table();
    let used_by = use_used_by();
    let from = request.from.first().cloned().unwrap_or_default();
    let users = Memo::new(move |_| {
        let naming = table.with(|table| {
            let agents = table.as_ref()?.table().agents().iter();
            Some(agents.filter(|agent| names(agent, &from)).count())
        });
        let using = used_by.with(|used_by| Some(used_by.as_ref()?.get().count_of_model(&from)));
        naming.unwrap_or_default().max(using.unwrap_or_default()) as u64
    });
    move || {
        let number = users.get();
        (number > 0).then(|| {
            let number = count(number, "agent uses", "agents use");
            let request = request.clone();
            view! {
                <p class="replace-offer" data-state=is_remedy.then_some("remedy")>
                    {number} " this model. " <ReplaceModelButton dialog=dialog request=request />
                </p>
            }
        })
    }
}

/// The outcome in a sentence, and the part of the ref that is at fault.
#[component]
fn Outcomes(
    resolution: Resolution,
    /// The agent that sends it.
    agent: Option<String>,
) -> impl IntoView {
    let parts = summary(&resolution);
    let is_scoped = split_scope(&resolution.model_ref).is_some();
    let failure = Failure::of(&resolution, agent);
    let Some(error) = resolution
        .error
        .filter(|_| resolution.outcome == Outcome::Rejected)
    else {
        let kind = resolution.route.as_ref().map(|route| route.kind);
        return view! {
            <p class="outcome">
                <KindBadge kind=kind word=kind.map_or("", kind_word) />
                <span>
                    <Sentence parts=parts /> " " {kind.and_then(kind_definition)}
                    {is_scoped
                        .then(|| {
                            view! {
                                " "
                                <Definition term=Term::Scope text="What is the scope?" />
                            }
                        })}
                </span>
            </p>
        }
        .into_any();
    };
    let remedy = view! { <Remedy failure=failure /> };
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

/// What a kind of route means that no name of a provider says.
fn kind_definition(kind: RouteKind) -> Option<impl IntoView> {
    let (term, text) = match kind {
        RouteKind::GatewayLegacy => (Term::ShortForm, "What is the short form?"),
        RouteKind::Passthrough => (Term::Passthrough, "What is passthrough?"),
        RouteKind::Managed => (Term::ManagedGateway, "What is the managed gateway?"),
        _ => return None,
    };
    Some(view! { <Definition term=term text=text /> })
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
