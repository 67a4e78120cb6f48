//! A select.

use super::{FieldFrame, FieldIds, use_edit_access};
use leptos::prelude::*;

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its value.
    pub value: String,
    /// Its label.
    pub label: String,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// A labelled native select.
#[component]
pub fn Select(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The choices.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// Called with the chosen value.
    #[prop(into)]
    choose: Callback<String>,
    /// The help text.
    #[prop(optional, into)]
    help: MaybeProp<String>,
    /// The error.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether it cannot be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it changes something: a viewer sees it disabled, with the reason.
    #[prop(optional)]
    edits: bool,
    /// Whether the label is visually hidden because the context shows it.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
    let access = edits.then(use_edit_access);
    let denied = move || access.is_some_and(|access| access.denied());
    let described = {
        let ids = ids.clone();
        move || {
            let described = ids.described_by(help.get().is_some(), error.get().is_some(), false);
            let reason = access.and_then(|access| access.described_by());
            described.or_else(|| reason.map(ToOwned::to_owned))
        }
    };
    let control = ids.control.clone();
    let select = view! {
        <select
            class="input"
            id=control
            aria-label=bare.then(|| label.get_untracked())
            aria-invalid=move || error.get().map(|_| "true")
            aria-describedby=described
            title=move || access.and_then(|access| access.title())
            disabled=move || disabled.get() || denied()
            on:change:target=move |event| {
                let wanted = event.target().value();
                // The signal decides: if a choice is rejected, the field resets.
                event.target().set_value(&value.get_untracked());
                choose.run(wanted);
            }
        >
            {move || {
                choices
                    .get()
                    .into_iter()
                    .map(|choice| {
                        let this = choice.value.clone();
                        view! {
                            <option
                                value=choice.value
                                prop:selected=move || value.get() == this
                            >
                                {choice.label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    };
    if bare {
        select.into_any()
    } else {
        view! {
            <FieldFrame ids=ids label=label help=help error=error>
                {select}
            </FieldFrame>
        }
        .into_any()
    }
}
