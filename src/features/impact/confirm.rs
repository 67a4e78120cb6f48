//! The button and the confirmation dialog of a change.

use super::{Impact, ImpactSection, ImpactStatus};
use crate::components::{Button, ButtonKind, Confirm, Show};
use crate::state::use_announcer;
use leptos::prelude::*;

/// The button that saves a form, with the number of agents it affects.
#[component]
pub(crate) fn ChangeButton(
    /// The effect.
    impact: Impact,
    /// What it does.
    #[prop(into)]
    action: Signal<String>,
    /// Whether it runs.
    #[prop(into)]
    busy: Signal<bool>,
    /// How many agents it edits, where that is not how many it affects.
    #[prop(optional, into)]
    edited: Option<Signal<usize>>,
) -> impl IntoView {
    let announcer = use_announcer();
    view! {
        <Button
            kind=ButtonKind::Primary
            submit=true
            edits=true
            busy=busy
            disabled=Signal::derive(move || impact.held())
            refused=move || {
                impact.refuses(announcer);
            }
        >
            {impact.action_in(action, edited)}
        </Button>
    }
}

/// Asks before a change is made and shows its impact.
#[component]
pub(crate) fn ConfirmChange(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// The consequences.
    #[prop(into)]
    body: Signal<String>,
    /// The effect.
    impact: Impact,
    /// What the button does.
    #[prop(into)]
    action: Signal<String>,
    /// How that button looks.
    #[prop(default = ButtonKind::Danger)]
    kind: ButtonKind,
    /// Whether it runs.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it failed. Cleared when the dialog opens.
    #[prop(default = RwSignal::new(None))]
    error: RwSignal<Option<String>>,
    /// Runs the action and closes the dialog through `open` when it is done.
    #[prop(into)]
    confirm: Callback<()>,
) -> impl IntoView {
    let announcer = use_announcer();
    view! {
        <Confirm
            open=open
            title=title
            body=body
            action=impact.action(action)
            kind=kind
            busy=busy
            error=error
            held=Signal::derive(move || impact.held())
            refused=move || {
                impact.refuses(announcer);
            }
            beside=move || view! { <ImpactStatus impact=impact /> }
            wide=true
            confirm=confirm
        >
            <Show when=move || impact.is_known()>
                <ImpactSection impact=impact asks=true />
            </Show>
        </Confirm>
    }
}
