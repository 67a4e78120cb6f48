//! What is asked: a ref and an operation.

use crate::components::{Choice, Select, TextField};
use leptos::prelude::*;
use waypost_routing::operation::Operation;

/// The field for the ref and the chooser of the operation.
#[component]
pub(super) fn Ask(
    /// The ref as typed.
    text: RwSignal<String>,
    /// What the request asks for.
    operation: RwSignal<Operation>,
) -> impl IntoView {
    let choices: Vec<Choice> = Operation::ALL
        .into_iter()
        .map(|operation| {
            let label = format!("{} · {}", operation.label(), operation.path());
            Choice::new(operation.name(), label)
        })
        .collect();
    let choose = move |name: String| {
        if let Some(chosen) = Operation::from_name(&name) {
            operation.set(chosen);
        }
    };
    view! {
        <div class="ask">
            <TextField
                label="Model ref"
                value=text
                code=true
                placeholder="openrouter/moonshotai/kimi-k2"
            />
            <Select
                label="Operation"
                choices=choices
                value=Signal::derive(move || operation.get().name().to_owned())
                choose=choose
            />
        </div>
    }
}
