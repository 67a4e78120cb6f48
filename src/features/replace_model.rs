//! Replacing a model in every agent that names it: the places, the impact, one save, one undo.

mod dialog;

use crate::components::Button;
use crate::lazy::{Part, Stage, part};
use crate::state::use_toasts;
use dialog::ReplaceDialog;
use leptos::prelude::*;

part!(
    load_replace,
    dialogs,
    (RwSignal<bool>, Signal<String>),
    |(open, from)| { view! { <ReplaceDialog open=open from=from /> }.into_any() }
);

/// The dialog that replaces a model, loaded when it is first opened.
#[component]
pub(crate) fn ReplaceModel(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The ref that is replaced.
    #[prop(into)]
    from: Signal<String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let part = Part::new(load_replace);
    Effect::new(move || {
        if open.get() {
            part.ask();
        }
    });
    Effect::new(move || {
        if matches!(part.stage(), Stage::Failed) {
            open.set(false);
            toasts.failed(
                "The dialog could not be loaded. Check the connection to the control plane, then open it again.",
            );
        }
    });
    move || match part.stage() {
        Stage::There(draw) => Some(draw((open, from))),
        _ => None,
    }
}

/// The button that opens it.
#[component]
pub(crate) fn ReplaceModelButton(
    /// The ref that is replaced.
    #[prop(into)]
    from: Signal<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let label = move || Some(format!("Replace {}", from.get()));
    view! {
        <Button edits=true label=Signal::derive(label) press=move || open.set(true)>
            "Replace…"
        </Button>
        <ReplaceModel open=open from=from />
    }
}
