//! A segmented control.

use super::{Choice, FieldIds};
use leptos::prelude::*;

/// A row of choices as radio buttons, with native keyboard behaviour.
#[component]
pub fn Segmented(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the chosen value.
    #[prop(into)]
    choose: Callback<String>,
) -> impl IntoView {
    let name = FieldIds::new().control;
    let items = choices
        .into_iter()
        .map(|choice| {
            let (this, chosen) = (choice.value.clone(), choice.value);
            view! {
                <label class="segment">
                    <input
                        type="radio"
                        name=name.clone()
                        value=this.clone()
                        prop:checked=move || value.get() == this
                        on:change=move |_| choose.run(chosen.clone())
                    />
                    <span>{choice.label}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="segmented" role="radiogroup" aria-label=label>
            {items}
        </div>
    }
}
