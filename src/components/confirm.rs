//! A confirmation before a change that affects others or cannot be undone.

use super::{Button, ButtonKind, Dialog, FailureNotice};
use leptos::prelude::*;

/// A confirmation dialog. It stays open while the action runs and shows why it failed.
#[component]
pub fn Confirm(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// The consequences.
    #[prop(into)]
    body: Signal<String>,
    /// The label of the confirming button.
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
    /// Whether something in the dialog has to be confirmed first.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// The button's action while it is held, for example to say why.
    #[prop(default = Callback::new(|()| {}), into)]
    refused: Callback<()>,
    /// Content beside the buttons.
    #[prop(optional, into)]
    beside: ViewFn,
    /// Whether it needs more room than usual.
    #[prop(optional)]
    wide: bool,
    /// Runs the action and closes the dialog through `open` when it is done.
    #[prop(into)]
    confirm: Callback<()>,
    /// More to review before confirming.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let children = StoredValue::new(children);
    Effect::new(move || {
        if open.get() {
            error.set(None);
        }
    });
    view! {
        <Dialog open=open title=title wide=wide>
            <div class="dialog-body">
                <p>{body}</p>
                {children.with_value(|children| children.as_ref().map(|children| children()))}
                <FailureNotice error=error />
            </div>
            <footer class="dialog-foot">
                {beside.run()}
                <span class="grow"></span>
                <Button press=move || open.set(false)>"Cancel"</Button>
                <Button
                    kind=kind
                    busy=busy
                    disabled=held
                    press=confirm
                    refused=refused
                >
                    {action}
                </Button>
            </footer>
        </Dialog>
    }
}
