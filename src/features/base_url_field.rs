//! The field for a base URL, with what is wrong with it and the correction.

use crate::components::{FieldHint, TextField};
use leptos::prelude::*;
use waypost_routing::base_url::{BaseUrl, hints};

/// The field.
#[component]
pub(crate) fn BaseUrlField(
    /// What is typed.
    value: RwSignal<String>,
    /// What the API refused.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The help text.
    #[prop(into)]
    help: Signal<Option<String>>,
    /// A short note beside the label.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// Whether it is shown but cannot be changed.
    #[prop(optional, into)]
    read_only: Signal<bool>,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// Has the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let hint = Signal::derive(move || {
        let typed = value.get();
        let hint = hints(&typed).into_iter().next()?;
        Some(FieldHint {
            message: hint.message(),
            fix: hint.suggestion().map(ToOwned::to_owned),
        })
    });
    // What a hint does not say, the reader of base URLs says; an empty field may be filled later.
    let wrong = Signal::derive(move || {
        let typed = value.get();
        error.get().or_else(|| {
            let silent = typed.trim().is_empty() || hint.get().is_some();
            let error = (!silent).then(|| BaseUrl::parse(&typed).err()).flatten()?;
            Some(error.message())
        })
    });
    view! {
        <TextField
            label="Base URL"
            value=value
            code=true
            required=required
            read_only=read_only
            autofocus=autofocus
            note=note
            placeholder="https://gateway.example/v1"
            help=help
            error=wrong
            hint=hint
        />
    }
}
