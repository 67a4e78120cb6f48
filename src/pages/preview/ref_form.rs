//! The form for a ref, and the operation.

use super::inputs::Inputs;
use crate::components::{Choice, Definition, Select, Term, TextField};
use leptos::prelude::*;
use waypost_routing::operation::Operation;

/// The field for the ref.
#[component]
pub(super) fn RefForm(inputs: Inputs) -> impl IntoView {
    view! {
        <TextField
            label="Model ref"
            value=inputs.text
            code=true
            placeholder="openrouter/moonshotai/kimi-k2"
        />
        <p class="small">
            <Definition term=Term::Ref text="What is a ref?" />
        </p>
    }
}

/// The chooser of the operation.
#[component]
pub(super) fn OperationSelect(inputs: Inputs) -> impl IntoView {
    let choices: Vec<Choice> = Operation::ALL
        .into_iter()
        .map(|operation| {
            let label = format!("{} · {}", operation.label(), operation.path());
            Choice::new(operation.name(), label)
        })
        .collect();
    let choose = move |name: String| {
        if let Some(chosen) = Operation::from_name(&name) {
            inputs.operation.set(chosen);
        }
    };
    view! {
        <Select
            label="Operation"
            choices=choices
            value=Signal::derive(move || inputs.operation.get().name().to_owned())
            choose=choose
        />
        <p class="small">
            <Definition term=Term::Operation text="What is an operation?" />
        </p>
    }
}
