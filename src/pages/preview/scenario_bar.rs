//! The scenario: changes that are tried on this page only.

use super::scenario_form::ScenarioForm;
use crate::components::{Button, ButtonKind, COPY_BLOCKED, CopyButton, Show};
use crate::dom;
use crate::explain::change_words;
use crate::features::impact::Impact;
use crate::state::{SharedTable, use_announcer};
use leptos::prelude::*;
use waypost_routing::scenario::{Scenario, ScenarioChange};

/// The routing table with the scenario applied.
pub(super) fn with_scenario(
    scenario: RwSignal<Vec<String>>,
    table: Memo<Option<SharedTable>>,
) -> Memo<Option<SharedTable>> {
    Memo::new(move |_| {
        let table = table.get()?;
        let (read, _) = scenario.with(|texts| read(texts));
        if read.changes.is_empty() {
            return Some(table);
        }
        Some(table.changed(read.apply(table.snapshot())))
    })
}

/// The changes that the texts describe, and how many texts are invalid.
fn read(texts: &[String]) -> (Scenario, usize) {
    let (scenario, faults) = Scenario::read(texts.iter().map(String::as_str));
    (scenario, faults.len())
}

/// The changes as chips, each with a remove button, and the button to add one.
#[component]
pub(super) fn ScenarioBar(
    /// The changes, as the address has them.
    scenario: RwSignal<Vec<String>>,
    /// The routing table without them.
    table: Memo<Option<SharedTable>>,
    /// Their impact.
    impact: Impact,
    /// The link to the page with the scenario.
    #[prop(into)]
    link: Signal<String>,
) -> impl IntoView {
    let announcer = use_announcer();
    let open = RwSignal::new(false);
    let any = Memo::new(move |_| scenario.with(|texts| !texts.is_empty()));
    let remove = Callback::new(move |place: usize| {
        scenario.update(|texts| {
            texts.remove(place);
        });
        announcer.say("Change removed.");
        dom::focus(".scenario-add");
    });
    let discard = move || {
        scenario.set(Vec::new());
        announcer.say("Scenario discarded.");
        dom::focus(".scenario-add");
    };
    let copied = Callback::new(move |done: bool| {
        announcer.say(match done {
            true => "Link copied.",
            false => COPY_BLOCKED,
        });
    });
    let see = || {
        dom::focus(".preview-answer .impact");
    };
    let chips = move || {
        let texts = scenario.get();
        let texts = texts.into_iter().enumerate();
        texts
            .map(|(place, text)| view! { <Chip place=place text=text table=table remove=remove /> })
            .collect_view()
    };
    view! {
        <section
            class="scenario"
            aria-label="Scenario"
            data-state=move || any.get().then_some("laid")
        >
            <div class="scenario-line">
                <b>"Scenario"</b>
                <ul class="scenario-changes" aria-label="Changes in the scenario">
                    {chips}
                </ul>
                <button
                    type="button"
                    class="button scenario-add"
                    data-kind="quiet"
                    on:click=move |_| open.set(true)
                >
                    "Add change"
                </button>
                <Show when=move || any.get()>
                    <CopyButton text=link label="Copy scenario link" copied=copied />
                    <Button kind=ButtonKind::Quiet press=discard>
                        "Discard scenario"
                    </Button>
                </Show>
            </div>
            <p class="small">
                {move || match any.get() {
                    true => "This page shows the scenario. Nothing is saved.",
                    false => "Try a change without saving it: a gateway down, a key missing, another base URL.",
                }}
            </p>
            <Show when=move || any.get() && impact.any()>
                <p class="scenario-impact">
                    <span>{move || impact.words()}</span>
                    <Button press=see>"Show agents"</Button>
                </p>
            </Show>
        </section>
        <ScenarioForm open=open scenario=scenario table=table />
    }
}

/// One change, or an invalid text of the address.
#[component]
fn Chip(
    place: usize,
    text: String,
    table: Memo<Option<SharedTable>>,
    remove: Callback<usize>,
) -> impl IntoView {
    let change = text.parse::<ScenarioChange>();
    let words = change.as_ref().map_or(text, change_words);
    // After a direct visit the chips exist before the routing table, which knows the names.
    let fault = Memo::new(move |_| match &change {
        Err(error) => Some(error.reason().to_owned()),
        Ok(change) => table.with(|table| {
            let unknown = change.unknown(table.as_ref()?.snapshot())?;
            Some(["Unknown name: ", unknown].concat())
        }),
    });
    let label = ["Remove: ", &words].concat();
    let state = move || fault.with(Option::is_some).then_some("faulty");
    view! {
        <li class="scenario-chip" data-state=state>
            <span>
                {words}
                {move || fault.get().map(|fault| view! { " · " {fault} })}
            </span>
            <button class="bare-button" type="button" aria-label=label on:click=move |_| remove.run(place)>
                "×"
            </button>
        </li>
    }
}
