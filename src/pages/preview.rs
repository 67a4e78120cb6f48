//! Route preview: where a request goes, and why. Nothing is sent.

mod agent_form;
mod answer;
mod batch;
mod document;
mod examples;
mod expectation;
mod fallback;
mod inputs;
mod local_answer;
mod members;
mod not_listed;
mod on_demand;
mod outcome;
mod ref_form;
mod request;
mod runtime;
mod scenario_bar;
mod scenario_change;
mod scenario_form;

use crate::components::{Choice, Segmented, Show};
use crate::dom;
use crate::features::first_run::route_was_seen;
use crate::features::impact::{Impact, ImpactSection};
use crate::features::page_address::keep_in_address;
use crate::features::replace_model::{ReplaceModel, SharedReplaceDialog};
use crate::paths::{Path, PreviewMode};
use crate::state::{use_routing_table, use_title, use_workspace};
use agent_form::AgentForm;
use answer::Answer;
use batch::Batch;
use document::Document;
use examples::Examples;
use inputs::Inputs;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use members::Members;
use on_demand::{LazyBatchForm, LazyBatchTable, LazyDocumentForm};
use outcome::{Outcome, Subject, outcome_of};
use ref_form::{OperationSelect, RefForm};
use runtime::Runtime;
use scenario_bar::{ScenarioBar, with_scenario};

/// The page. Its address has all inputs, so that a link restores it.
#[component]
pub fn PreviewPage() -> impl IntoView {
    use_title("Route preview");
    let stored = use_routing_table();
    // It may have been read for an earlier page.
    let snapshot = use_workspace().snapshot();
    if snapshot.get_untracked().is_some() {
        snapshot.reload_if_old();
    }
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(inputs::read));
    let inputs = Inputs::new(address.get_untracked());
    keep_in_address(
        address,
        Signal::derive(move || inputs.address()),
        move |address| inputs.show(address),
        Path::Preview,
    );

    // The whole page uses the routing table with the scenario applied.
    let table = with_scenario(inputs.scenario, stored);
    let impact = Impact::between(stored, table.into());
    let has_scenario = Memo::new(move |_| inputs.scenario.with(|scenario| !scenario.is_empty()));
    let document = Document::new();
    document.follow(inputs);
    let subject =
        Memo::new(move |_| table.with(|table| Subject::inputs(inputs, document, table.as_ref()?)));
    let outcome =
        Memo::new(move |_| table.with(|table| outcome_of(inputs, subject, table.as_ref())));
    Effect::new(move || {
        if outcome.with(|outcome| matches!(outcome, Outcome::Answer(_))) {
            route_was_seen();
        }
    });
    let batch = Batch::new();
    batch.answer_in(inputs, table);
    let mode = Memo::new(move |_| inputs.mode.get());
    let take = Callback::new(move |model_ref: String| {
        inputs.text.set(model_ref);
        // The pressed button disappears with the old answer.
        dom::focus(".ask input[data-code]");
    });
    let dialog = SharedReplaceDialog::new();

    view! {
        <h1 tabindex="-1">"Route preview"</h1>
        <p class="lead">"The request that would be sent, and why. Nothing is sent."</p>
        <div class="preview" data-mode=move || mode.get().name()>
            <div class="ask">
                <ModeSelect inputs=inputs />
                {move || match mode.get() {
                    PreviewMode::Agent => {
                        view! {
                            <AgentForm inputs=inputs table=table subject=subject />
                            <OperationSelect inputs=inputs />
                            <Members inputs=inputs table=table subject=subject />
                        }
                            .into_any()
                    }
                    PreviewMode::Many => {
                        view! {
                            <LazyBatchForm batch=batch />
                            <OperationSelect inputs=inputs />
                        }
                            .into_any()
                    }
                    PreviewMode::Ref => {
                        view! {
                            <RefForm inputs=inputs />
                            <OperationSelect inputs=inputs />
                        }
                            .into_any()
                    }
                }}
                <ScenarioBar
                    scenario=inputs.scenario
                    table=stored
                    impact=impact
                    link=Signal::derive(move || inputs::link(inputs.address()))
                />
            </div>
            <div class="preview-answer">
                {move || match outcome.get() {
                    Outcome::Nothing if mode.get() == PreviewMode::Agent => {
                        view! { <agent_form::NoAgent table=table /> }.into_any()
                    }
                    Outcome::Nothing if mode.get() == PreviewMode::Many => {
                        view! { <LazyBatchTable batch=batch /> }.into_any()
                    }
                    Outcome::Nothing => view! { <Examples take=take /> }.into_any(),
                    Outcome::Waiting => view! { <Waiting /> }.into_any(),
                    Outcome::UnknownAgent(name) => {
                        view! { <agent_form::UnknownAgent name=name /> }.into_any()
                    }
                    Outcome::Faulty => view! { <agent_form::FaultyAgent /> }.into_any(),
                    Outcome::Answer(outcome) => {
                        view! {
                            <Answer
                                outcome=outcome
                                inputs=inputs
                                document=document
                                take=take
                                dialog=dialog
                            />
                        }
                            .into_any()
                    }
                }}
                <Show when=move || has_scenario.get()>
                    <ImpactSection impact=impact title="Impact of the scenario" />
                </Show>
                {move || {
                    let typed = mode.get() == PreviewMode::Agent && document.is_edited();
                    (!typed && mode.get() != PreviewMode::Many)
                        .then(|| view! { <Runtime inputs=inputs table=stored /> })
                }}
            </div>
            <Show when=move || mode.get() == PreviewMode::Agent>
                <div class="ask-document">
                    <LazyDocumentForm inputs=inputs document=document table=table />
                </div>
            </Show>
        </div>
        <ReplaceModel open=dialog.open request=dialog.request />
    }
}

/// The mode: a ref, an agent or a batch.
#[component]
fn ModeSelect(inputs: Inputs) -> impl IntoView {
    let choices = vec![
        Choice::new("ref", "Ref"),
        Choice::new("agent", "Agent"),
        Choice::new("many", "Batch"),
    ];
    let choose = move |name: String| {
        let chosen = PreviewMode::ALL
            .into_iter()
            .find(|mode| mode.name() == name);
        inputs.mode.set(chosen.unwrap_or_default());
    };
    view! {
        <Segmented
            label="Preview"
            choices=choices
            value=Signal::derive(move || inputs.mode.get().name().to_owned())
            choose=choose
        />
    }
}

/// The configuration is not there yet, or could not be read.
#[component]
fn Waiting() -> impl IntoView {
    use crate::components::{Loading, Notice, RetryButton, Tone};
    let snapshot = use_workspace().snapshot();
    move || match snapshot.error() {
        Some(error) => view! {
            <Notice tone=Tone::Bad text=error.message()>
                <RetryButton press=move || snapshot.reload() />
            </Notice>
        }
        .into_any(),
        None => view! { <Loading label="Loading the configuration" rows=4 /> }.into_any(),
    }
}
