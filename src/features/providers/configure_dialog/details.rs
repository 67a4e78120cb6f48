//! The settings that most providers need no change of: key variable, headers, documentation, new
//! models.

use super::form::ConfigureForm;
use crate::api::types::NewModels;
use crate::components::{FieldFrame, FieldIds, Folded, TextField};
use crate::features::new_models_field::NewModelsField;
use crate::features::pass_headers_field::PassHeadersField;
use leptos::prelude::*;

/// The field of the headers.
pub(super) const HEADERS_FIELD: &str = "dialog[open] .headers-text";

/// The folded settings. They unfold if one of them is invalid.
#[component]
pub(super) fn Details(
    form: ConfigureForm,
    /// Whether something in them is to be filled in.
    #[prop(into)]
    unfolded: Signal<bool>,
    /// The error of the headers.
    #[prop(into)]
    error: Signal<Option<String>>,
    #[prop(into)] passed_error: Signal<Option<String>>,
    #[prop(into)] docs_error: Signal<Option<String>>,
    #[prop(into)] variable_error: Signal<Option<String>>,
) -> impl IntoView {
    let was_set = untrack(|| form.new_models.get() != NewModels::Inherit);
    let opened = Signal::derive(move || {
        was_set
            || unfolded.get()
            || error.get().is_some()
            || passed_error.get().is_some()
            || docs_error.get().is_some()
            || variable_error.get().is_some()
    });
    view! {
        <Folded title="Key variable, headers, documentation, new models" opened=opened>
                <TextField
                    label="Key variable"
                    note="optional"
                    value=form.variable
                    code=true
                    placeholder="GATEWAY_API_KEY"
                    help="An environment variable to read the key from. A stored key takes precedence."
                    error=variable_error
                />
                <HeadersField value=form.headers error=error />
                <PassHeadersField value=form.passed error=passed_error />
                <TextField
                    label="Key documentation"
                    note="optional"
                    value=form.docs
                    code=true
                    placeholder="https://"
                    help="A page that says where to find the key."
                    error=docs_error
                />
                <NewModelsField value=form.new_models />
        </Folded>
    }
}

/// Headers, one per line.
#[component]
fn HeadersField(
    value: RwSignal<String>,
    #[prop(into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let ids = FieldIds::new();
    let described = {
        let ids = ids.clone();
        move || ids.described_by(true, error.get().is_some(), false)
    };
    let control = ids.control.clone();
    view! {
        <FieldFrame
            ids=ids
            label="Headers"
            note="optional"
            help="One per line as name: value. Sent on every request; don't put secrets here."
            error=error
        >
            <textarea
                class="input headers-text"
                data-code="true"
                id=control
                rows="2"
                spellcheck="false"
                autocomplete="off"
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
        </FieldFrame>
    }
}
