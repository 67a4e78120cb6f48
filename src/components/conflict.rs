//! Two versions of one thing: what somebody else has saved, and what stands in the form or was
//! seen before.

use super::{Button, ButtonKind, Dialog};
use leptos::prelude::*;

/// A field that differs. Values of secrets are in neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictField {
    /// What it is called in the form.
    pub label: &'static str,
    /// What is stored now.
    pub theirs: String,
    /// What would be saved, or what was seen.
    pub yours: String,
}

impl ConflictField {
    /// The field, where it differs.
    #[must_use]
    pub fn of(label: &'static str, theirs: &str, yours: &str) -> Option<Self> {
        (theirs != yours).then(|| Self {
            label,
            theirs: theirs.to_owned(),
            yours: yours.to_owned(),
        })
    }
}

/// Asks which of two versions is to be stored. Closing it goes on editing.
#[component]
pub fn ConflictDialog(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// What was changed.
    #[prop(into)]
    name: Signal<String>,
    /// Who has changed it and when, once that is known.
    #[prop(into)]
    by: Signal<String>,
    /// What differs.
    #[prop(into)]
    fields: Signal<Vec<ConflictField>>,
    /// What the button says that saves what stands in the form.
    #[prop(into)]
    action: Signal<String>,
    /// Whether it is still being read whom that touches.
    #[prop(optional, into)]
    reading: Signal<bool>,
    /// Saves it.
    #[prop(into)]
    save_mine: Callback<()>,
    /// Gives up what stands in the form.
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
                // First, because the focus goes to it: it loses nothing.
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

/// Asks whether what somebody else has changed is to go all the same. Closing it leaves it there.
#[component]
pub fn DeletionConflictDialog(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// What was changed.
    #[prop(into)]
    name: Signal<String>,
    /// Who has changed it and when, once that is known.
    #[prop(into)]
    by: Signal<String>,
    /// What did not happen: `Not deleted.`
    refused: &'static str,
    /// What differs.
    #[prop(into)]
    fields: Signal<Vec<ConflictField>>,
    /// What the button says that deletes it.
    #[prop(into)]
    action: Signal<String>,
    /// Whether it is still being read whom that touches.
    #[prop(optional, into)]
    reading: Signal<bool>,
    /// Leaves it there.
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
                <Button press=keep>"Keep"</Button>
                <span class="grow"></span>
                <Button kind=ButtonKind::Danger busy=reading press=anyway>
                    {action}
                </Button>
            </footer>
        </Dialog>
    }
}

/// Both sides of each field, what is stored now first.
#[component]
fn Sides(
    fields: Signal<Vec<ConflictField>>,
    /// What the other side is called.
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
