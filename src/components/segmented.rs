//! Choosing one of two or three ways to go on.

use super::{Choice, FieldIds};
use leptos::prelude::*;

/// A row of choices of which one is taken: radio buttons, whose keys are the browser's own.
#[component]
pub fn Segmented(
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// The value of the one that is chosen.
    #[prop(into)]
    value: Signal<String>,
    /// Takes the value of the one that a person chooses.
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
