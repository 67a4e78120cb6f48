//! The form that adds a change to the scenario.

use super::scenario_change::{ChangeInput, ChangeKind};
use crate::components::{Button, ButtonKind, Choice, Dialog, Select, TextField};
use crate::explain::change_words;
use crate::state::{SharedTable, use_announcer};
use leptos::prelude::*;
use waypost_routing::scenario::ScenarioChange;

/// The dialog. It is rebuilt each time it opens.
#[component]
pub(super) fn ScenarioForm(
    open: RwSignal<bool>,
    scenario: RwSignal<Vec<String>>,
    table: Memo<Option<SharedTable>>,
) -> impl IntoView {
    view! {
        <Dialog
            open=open
            title="Try a change"
            subtitle="Only this page changes. The link keeps the scenario."
        >
            <Fields open=open scenario=scenario table=table />
        </Dialog>
    }
}

#[component]
fn Fields(
    open: RwSignal<bool>,
    scenario: RwSignal<Vec<String>>,
    table: Memo<Option<SharedTable>>,
) -> impl IntoView {
    let announcer = use_announcer();
    let kind = RwSignal::new(ChangeKind::Down);
    let wished = RwSignal::new(String::new());
    let state = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let targets = Memo::new(move |_| {
        let kind = kind.get();
        table
            .with(|table| Some(kind.targets(table.as_ref()?.snapshot())))
            .unwrap_or_default()
    });
    // A choice for one kind may not exist for another.
    let target = Memo::new(move |_| {
        let wished = wished.get();
        targets.with(|targets| match targets.contains(&wished) {
            true => wished,
            false => targets.first().cloned().unwrap_or_default(),
        })
    });
    let chosen_state = Memo::new(move |_| {
        let (states, state) = (kind.get().states(), state.get());
        let known = states.iter().find(|(value, _)| *value == state);
        known.or(states.first()).map_or("", |(value, _)| *value)
    });
    Effect::new(move || {
        kind.track();
        typed.track();
        error.set(None);
    });
    let add = move || {
        let text = untrack(|| {
            kind.get()
                .text(&target.get(), typed.get().trim(), chosen_state.get())
        });
        match text.parse::<ScenarioChange>() {
            Err(problem) => {
                announcer.say(problem.reason().to_owned());
                error.set(Some(problem.reason().to_owned()));
            }
            Ok(change) => {
                let text = change.to_string();
                scenario.update(|texts| {
                    texts.retain(|known| *known != text);
                    texts.push(text);
                });
                announcer.say(["Applied to preview: ", &change_words(&change)].concat());
                open.set(false);
            }
        }
    };
    let choices = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(value, label)| Choice::new(*value, *label))
            .collect::<Vec<_>>()
    };
    let kinds: Vec<Choice> = ChangeKind::ALL
        .into_iter()
        .map(|kind| Choice::new(kind.name(), kind.label()))
        .collect();
    let choose_kind = move |name: String| {
        let chosen = ChangeKind::ALL.into_iter().find(|kind| kind.name() == name);
        kind.set(chosen.unwrap_or(ChangeKind::Down));
    };
    let names = move || {
        let names = targets.get().into_iter();
        names
            .map(|name| Choice::new(name.clone(), name))
            .collect::<Vec<_>>()
    };
    view! {
        <form
            novalidate=""
            on:submit=move |event| {
                event.prevent_default();
                add();
            }
        >
            <div class="dialog-body">
                <Select
                    label="What changes"
                    choices=kinds
                    value=Signal::derive(move || kind.get().name().to_owned())
                    choose=choose_kind
                />
                {move || {
                    kind.get()
                        .asks_target()
                        .then(|| {
                            view! {
                                <Select
                                    label="Which one"
                                    choices=Signal::derive(names)
                                    value=target
                                    choose=move |name| wished.set(name)
                                />
                            }
                        })
                }}
                {move || match kind.get().asks() {
                    ChangeInput::Nothing => ().into_any(),
                    ChangeInput::Text { label, placeholder } => {
                        view! {
                            <TextField
                                label=label
                                value=typed
                                code=true
                                placeholder=placeholder
                                error=error
                            />
                        }
                            .into_any()
                    }
                }}
                {move || {
                    let states = kind.get().states();
                    (!states.is_empty())
                        .then(|| {
                            view! {
                                <Select
                                    label="Then"
                                    choices=choices(states)
                                    value=Signal::derive(move || chosen_state.get().to_owned())
                                    choose=move |value| state.set(value)
                                />
                            }
                        })
                }}
            </div>
            <footer class="dialog-foot">
                <span class="grow"></span>
                <Button press=move || open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary submit=true>
                    "Apply to preview"
                </Button>
            </footer>
        </form>
    }
}
