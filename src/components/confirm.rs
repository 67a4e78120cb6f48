//! A question before something that others feel or that cannot be undone.

use super::{Button, ButtonKind, Dialog, Notice, Show, Tone};
use leptos::prelude::*;

/// Asks before it is done. The dialog stays open while it runs, and where it fails says why.
#[component]
pub fn Confirm(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What follows from it, named.
    #[prop(into)]
    body: Signal<String>,
    /// What the button that does it says.
    #[prop(into)]
    action: Signal<String>,
    /// How that button looks.
    #[prop(default = ButtonKind::Danger)]
    kind: ButtonKind,
    /// Whether it runs.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Why it failed.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Whether something in the dialog has to be confirmed first.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// What the button does while it is held: it says why.
    #[prop(default = Callback::new(|()| {}), into)]
    refused: Callback<()>,
    /// What stands beside the buttons.
    #[prop(optional, into)]
    beside: ViewFn,
    /// Whether it needs more room than usual.
    #[prop(optional)]
    wide: bool,
    /// Does it, and closes the dialog by `open` when it is done.
    #[prop(into)]
    confirm: Callback<()>,
    /// What else has to be seen before it is done.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Dialog open=open title=title wide=wide>
            <div class="dialog-body">
                <p>{body}</p>
                {children.with_value(|children| children.as_ref().map(|children| children()))}
                <Show when=move || error.get().is_some()>
                    <Notice tone=Tone::Bad text=Signal::derive(move || error.get().unwrap_or_default()) />
                </Show>
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
