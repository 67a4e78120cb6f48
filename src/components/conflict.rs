//! The choice between two versions: the saved one, and the one in the form or read before.

use super::{Button, ButtonKind, Dialog};
use leptos::prelude::*;

/// A field that differs. Values of secrets are in neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictField {
    /// What it is called in the form.
    pub label: &'static str,
    /// The saved value.
    pub theirs: String,
    /// The value that would be saved, or that was read before.
    pub yours: String,
}

impl ConflictField {
    /// The field; `None` if both sides are equal.
    #[must_use]
    pub fn of(label: &'static str, theirs: &str, yours: &str) -> Option<Self> {
        (theirs != yours).then(|| Self {
            label,
            theirs: theirs.to_owned(),
            yours: yours.to_owned(),
        })
    }
}

/// Asks which of two versions to keep. Closing it continues editing.
#[component]
pub fn ConflictDialog(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// What was changed.
    #[prop(into)]
    name: Signal<String>,
    /// Who changed it and when; empty until known.
    #[prop(into)]
    by: Signal<String>,
    /// What differs.
    #[prop(into)]
    fields: Signal<Vec<ConflictField>>,
    /// The label of the button that saves the form.
    #[prop(into)]
    action: Signal<String>,
    /// Whether the impact is still being checked.
    #[prop(optional, into)]
    reading: Signal<bool>,
    /// Saves it.
    #[prop(into)]
    save_mine: Callback<()>,
    /// Discards the form.
    #[prop(into)]
    take_theirs: Callback<()>,
) -> impl IntoView {
    let title = Signal::derive(move || format!("{} changed in the meantime", name.get()));
    view! {
        <Dialog open=open title=title wide=true>
            <div class="dialog-body">
                <p>
                    {by} " Your changes are not saved yet."
                </p>
                <Sides fields=fields yours="Yours" />
            </div>
            <footer class="dialog-foot">
                // First, because it gets the focus and discards nothing.
                <Button press=move || open.set(false)>"Keep editing"</Button>
                <span class="grow"></span>
                <Button press=take_theirs>"Use saved version"</Button>
                <Button kind=ButtonKind::Primary busy=reading press=save_mine>
                    {action}
                </Button>
            </footer>
        </Dialog>
    }
}

/// Asks whether to delete something that changed in the meantime. Closing it keeps it.
#[component]
pub fn DeletionConflictDialog(
    /// Whether the dialog is open.
    open: RwSignal<bool>,
    /// What was changed.
    #[prop(into)]
    name: Signal<String>,
    /// Who changed it and when; empty until known.
    #[prop(into)]
    by: Signal<String>,
    /// What did not happen: `Not deleted.`
    refused: &'static str,
    /// What differs.
    #[prop(into)]
    fields: Signal<Vec<ConflictField>>,
    /// The label of the deleting button.
    #[prop(into)]
    action: Signal<String>,
    /// Whether the impact is still being checked.
    #[prop(optional, into)]
    reading: Signal<bool>,
    /// Keeps it.
    #[prop(into)]
    keep: Callback<()>,
    /// Deletes it as it is now.
    #[prop(into)]
    anyway: Callback<()>,
) -> impl IntoView {
    let title = Signal::derive(move || format!("{} changed in the meantime", name.get()));
    view! {
        <Dialog open=open title=title wide=true>
            <div class="dialog-body">
                <p>{by} " " {refused}</p>
                <Sides fields=fields yours="You saw" />
            </div>
            <footer class="dialog-foot">
                <Button press=keep>{move || ["Keep ", &name.get()].concat()}</Button>
                <span class="grow"></span>
                <Button kind=ButtonKind::Danger busy=reading press=anyway>
                    {action}
                </Button>
            </footer>
        </Dialog>
    }
}

/// Both sides of each field, the saved one first.
#[component]
fn Sides(
    fields: Signal<Vec<ConflictField>>,
    /// The heading of the other side.
    yours: &'static str,
) -> impl IntoView {
    view! {
        <dl class="conflict">
            {move || fields.get().into_iter().map(|field| row(field, yours)).collect_view()}
        </dl>
    }
}

fn row(field: ConflictField, yours: &'static str) -> impl IntoView {
    let or_empty = |text: String| {
        if text.is_empty() {
            "nothing".to_owned()
        } else {
            text
        }
    };
    view! {
        <dt>{field.label}</dt>
        <dd>
            <span class="conflict-side">"Stored now"</span>
            <span class="conflict-value">{or_empty(field.theirs)}</span>
        </dd>
        <dd>
            <span class="conflict-side">{yours}</span>
            <span class="conflict-value">{or_empty(field.yours)}</span>
        </dd>
    }
}
