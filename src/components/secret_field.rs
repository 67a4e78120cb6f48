//! A write-only field for a secret.

use super::{FieldFrame, FieldHint, FieldIds};
use leptos::prelude::*;

/// A write-only field. The value lives in the signal for as long as the form does.
#[component]
pub fn SecretField(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// A short note beside the label: `Current key ••••41d7, set 12 days ago`.
    #[prop(optional, into)]
    note: MaybeProp<String>,
    /// The help text.
    #[prop(optional, into)]
    help: MaybeProp<String>,
    /// The error.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// A hint about the input.
    #[prop(optional, into)]
    hint: MaybeProp<FieldHint>,
    /// What an empty field shows: `Leave empty to keep`.
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// Has the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
    let shown = RwSignal::new(false);
    let described = {
        let ids = ids.clone();
        move || {
            ids.described_by(
                help.get().is_some(),
                error.get().is_some(),
                hint.get().is_some(),
            )
        }
    };
    let control = ids.control.clone();
    view! {
        <FieldFrame
            ids=ids
            label=label
            note=note
            help=help
            error=error
            hint=hint
            fix=Callback::new(move |text| value.set(text))
        >
            <div class="secret">
                <input
                    class="input"
                    data-code="true"
                    id=control
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=autofocus
                    // Tells common password managers to ignore the field.
                    data-1p-ignore="true"
                    data-lpignore="true"
                    placeholder=move || placeholder.get()
                    aria-invalid=move || error.get().map(|_| "true")
                    aria-describedby=described
                    prop:value=value
                    on:input:target=move |event| value.set(event.target().value())
                />
                <button
                    class="button"
                    type="button"
                    data-kind="quiet"
                    data-size="small"
                    aria-pressed=move || if shown.get() { "true" } else { "false" }
                    aria-label=move || format!("Show {}", label.get())
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { "Hide" } else { "Show" }}
                </button>
            </div>
        </FieldFrame>
    }
}
