//! The form for an agent: the agent, its subagent and the model string.

use super::inputs::Inputs;
use super::outcome::Subject;
use crate::components::{Choice, Empty, Notice, Select, SuggestField, TextField, Tone};
use crate::explain::{ROOT, model_of};
use crate::paths::Path;
use crate::state::SharedTable;
use leptos::prelude::*;
use waypost_routing::routing_table::AgentSet;

/// Up to this many agents are listed in a select; more are searched by name.
const LISTED: usize = 20;

/// The chooser of the agent, of its subagent, and the model string.
#[component]
pub(super) fn AgentForm(
    inputs: Inputs,
    table: Memo<Option<SharedTable>>,
    subject: Memo<Option<Subject>>,
) -> impl IntoView {
    let names = Memo::new(move |_| {
        table.with(|table| {
            let agents = table.as_ref().map(|table| table.table().agents());
            let names = agents.into_iter().flat_map(AgentSet::iter);
            names.map(|agent| agent.name.clone()).collect::<Vec<_>>()
        })
    });
    let many = Memo::new(move |_| names.with(|names| names.len() > LISTED));
    let choose = Callback::new(move |name: String| {
        inputs.agent.set(name);
        // Neither belongs to another agent.
        inputs.subagent.set(String::new());
        inputs.text.set(String::new());
    });
    view! {
        <div class="ask-agent">
            {move || {
                if many.get() {
                    view! {
                        <SuggestField
                            label="Agent"
                            value=inputs.agent
                            choose=choose
                            offers=names
                            help="Type part of its name."
                        />
                    }
                        .into_any()
                } else {
                    view! {
                        <Select
                            label="Agent"
                            choices=Signal::derive(move || agent_choices(&inputs.agent.get(), names.get()))
                            value=inputs.agent
                            choose=choose
                        />
                    }
                        .into_any()
                }
            }}
            <AskMember inputs=inputs subject=subject />
        </div>
        <TextField
            label="Model string"
            note="optional"
            value=inputs.text
            code=true
            placeholder=Signal::derive(move || subject.with(|subject| own_model(inputs, subject.as_ref())))
            help="Sent instead of the agent's primary."
        />
    }
}

/// The agents to choose from. One that is asked for and not stored stays chosen, so that the select
/// does not claim another.
fn agent_choices(chosen: &str, names: Vec<String>) -> Vec<Choice> {
    let mut choices = Vec::with_capacity(names.len() + 2);
    if chosen.is_empty() {
        choices.push(Choice::new("", "Choose an agent"));
    } else if !names.iter().any(|name| name == chosen) {
        choices.push(Choice::new(chosen, format!("{chosen} (not stored)")));
    }
    choices.extend(
        names
            .into_iter()
            .map(|name| Choice::new(name.clone(), name)),
    );
    choices
}

/// The chooser of the member: the root or a subagent.
#[component]
fn AskMember(inputs: Inputs, subject: Memo<Option<Subject>>) -> impl IntoView {
    let choices = Signal::derive(move || {
        let chosen = inputs.subagent.get();
        let mut choices = vec![Choice::new("", ROOT)];
        subject.with(|subject| {
            if let Some(Subject::Known(agent)) = subject {
                let aliases = agent.subagents.keys();
                choices.extend(aliases.map(|alias| Choice::new(alias.clone(), alias.clone())));
            }
        });
        if choices.iter().all(|choice| choice.value != chosen) {
            choices.push(Choice::new(
                chosen.clone(),
                format!("{chosen} (no such subagent)"),
            ));
        }
        choices
    });
    view! {
        <Select
            label="Subagent"
            choices=choices
            value=inputs.subagent
            choose=move |alias| {
                inputs.subagent.set(alias);
                inputs.text.set(String::new());
            }
        />
    }
}

/// The string that is sent where none is typed.
fn own_model(inputs: Inputs, subject: Option<&Subject>) -> String {
    let Some(Subject::Known(agent)) = subject else {
        return String::new();
    };
    let model = model_of(agent, inputs.alias().as_deref());
    let primary = model.primary_ref();
    primary.map_or_else(
        || "the default model".to_owned(),
        std::borrow::Cow::into_owned,
    )
}

/// Before an agent is chosen.
#[component]
pub(super) fn NoAgent(table: Memo<Option<SharedTable>>) -> impl IntoView {
    let none = Memo::new(move |_| {
        table.with(|table| {
            let agents = table.as_ref().map(|table| table.table().agents());
            agents.is_some_and(AgentSet::is_empty)
        })
    });
    move || {
        if none.get() {
            view! {
                <Empty title="No agents yet">
                    <p>
                        <a href=Path::NewAgent.to_string()>"Add agent"</a>
                        " to see where each of its requests goes."
                    </p>
                </Empty>
            }
            .into_any()
        } else {
            view! {
                <Empty title="Choose an agent">
                    <p>
                        "Shows the routes of its primary, its fallback and its subagents, with the request that would be sent."
                    </p>
                </Empty>
            }
            .into_any()
        }
    }
}

/// The agent of the address is not stored.
#[component]
pub(super) fn UnknownAgent(name: String) -> impl IntoView {
    let text = format!(
        "There is no agent `{name}`. It may have been renamed or deleted. Choose another one, or add \
         it again."
    );
    view! {
        <Notice tone=Tone::Bad title="No such agent" text=text>
            <a href=Path::Agents.to_string()>"All agents"</a>
            " "
            <a href=Path::NewAgent.to_string()>"Add agent"</a>
        </Notice>
    }
}

/// The document that is typed cannot be read.
#[component]
pub(super) fn FaultyAgent() -> impl IntoView {
    view! {
        <Notice
            tone=Tone::Bad
            title="No route"
            text="Fix the errors listed beside the editor to see the route."
        />
    }
}
