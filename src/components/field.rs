//! Form fields: a label, a control, its help, error and hint, tied together for assistive
//! technology.

use super::Prose;
use crate::dom;
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A hint about the input, with a correction to apply by one click.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldHint {
    /// The message.
    pub message: String,
    /// The corrected text, where there is one.
    pub fix: Option<String>,
}

/// The ids that tie a control to its label, help, error and hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldIds {
    /// The id of the control.
    pub control: String,
}

impl FieldIds {
    /// Ids that no other field of the page has.
    #[must_use]
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self {
            control: format!("field-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        }
    }

    fn part(&self, part: &str) -> String {
        format!("{}-{part}", self.control)
    }

    /// The value of `aria-describedby` for the parts that are shown now.
    #[must_use]
    pub fn described_by(&self, help: bool, error: bool, hint: bool) -> Option<String> {
        let ids: Vec<String> = [("error", error), ("hint", hint), ("help", help)]
            .into_iter()
            .filter(|(_, shown)| *shown)
            .map(|(part, _)| self.part(part))
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl Default for FieldIds {
    fn default() -> Self {
        Self::new()
    }
}

/// The frame of a field around any control. The control carries `ids.control` as its id and
/// [`FieldIds::described_by`].
#[component]
pub fn FieldFrame(
    /// The ids it ties.
    ids: FieldIds,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// A short note beside the label: `optional`.
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
    /// Takes the correction of the hint.
    #[prop(optional, into)]
    fix: Option<Callback<String>>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let error_id = ids.part("error");
    let hint_id = ids.part("hint");
    let control = format!("#{}", ids.control);
    let help_id = ids.part("help");
    view! {
        <div class="field" data-invalid=move || error.get().map(|_| "true")>
            <div class="field-label">
                <label for=ids.control.clone()>{label}</label>
                {move || note.get().map(|note| view! { " " <small>{note}</small> })}
            </div>
            {children()}
            {move || {
                let id = error_id.clone();
                error
                    .get()
                    .map(|error| {
                        view! {
                            <p class="field-error" id=id>
                                <Prose text=error />
                            </p>
                        }
                    })
            }}
            {move || {
                let id = hint_id.clone();
                let control = control.clone();
                hint.get()
                    .map(|hint| {
                        view! {
                            <p class="field-hint" id=id>
                                <Prose text=hint.message />
                                {hint
                                    .fix
                                    .zip(fix)
                                    .map(|(text, fix)| {
                                        let control = control.clone();
                                        let label = format!("Use {text}");
                                        view! {
                                            " "
                                            <button
                                                class="button"
                                                type="button"
                                                data-kind="plain"
                                                data-size="small"
                                                on:click=move |_| {
                                                    fix.run(text.clone());
                                                    // The button disappears with its hint.
                                                    dom::focus(&control);
                                                }
                                            >
                                                {label}
                                            </button>
                                        }
                                    })}
                            </p>
                        }
                    })
            }}
            {move || {
                let id = help_id.clone();
                help
                    .get()
                    .map(|help| {
                        view! {
                            <p class="field-help" id=id>
                                <Prose text=help />
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// A field for a line of text.
#[component]
pub fn TextField(
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What is typed.
    value: RwSignal<String>,
    /// A short note beside the label: `optional`.
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
    /// The placeholder.
    #[prop(optional, into)]
    placeholder: MaybeProp<String>,
    /// Monospaced: refs, URLs, headers.
    #[prop(optional)]
    code: bool,
    /// A whole number: phones show digits.
    #[prop(optional)]
    numeric: bool,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// Whether it is shown but cannot be changed.
    #[prop(optional, into)]
    read_only: Signal<bool>,
    /// Has the focus when its dialog opens.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let ids = FieldIds::new();
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
    view! {
        <FieldFrame
            ids=ids.clone()
            label=label
            note=note
            help=help
            error=error
            hint=hint
            fix=Callback::new(move |text| value.set(text))
        >
            <input
                class="input"
                data-code=code.then_some("true")
                id=ids.control
                type="text"
                inputmode=numeric.then_some("numeric")
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                autofocus=autofocus
                aria-required=required.then_some("true")
                readonly=move || read_only.get()
                placeholder=move || placeholder.get()
                aria-invalid=move || error.get().map(|_| "true")
                aria-describedby=described
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
        </FieldFrame>
    }
}
