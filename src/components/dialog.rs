//! Modal dialogs, built on the native element.

use super::{Button, ButtonKind, FieldIds, Show};
use crate::dom::{self, Focused, LiveRegionGuest};
use leptos::{html, prelude::*};

/// How a dialog looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogKind {
    /// In the middle of the window, under its heading.
    #[default]
    Plain,
    /// At the top of the window. Its heading is for assistive technology only, and a press beside it
    /// closes it: nothing typed there is worth keeping.
    Palette,
}

impl DialogKind {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Palette => "palette",
        }
    }

    /// What closes it: the value of `closedby`.
    fn closed_by(self) -> &'static str {
        match self {
            Self::Plain => "closerequest",
            Self::Palette => "any",
        }
    }
}

/// What a dialog asks before it closes and loses something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialogQuestion {
    /// The question.
    pub question: &'static str,
    /// The button that keeps the dialog open.
    pub keep: &'static str,
    /// The button that closes it.
    pub close: &'static str,
}

impl Default for DialogQuestion {
    fn default() -> Self {
        Self {
            question: "Discard what you entered?",
            keep: "Keep editing",
            close: "Discard changes",
        }
    }
}

/// A modal dialog. Its content is built when it opens and dropped when it closes, so that nothing
/// typed stays behind. Escape closes it, and the focus goes back to where it came from.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: Signal<String>,
    /// A line below the heading.
    #[prop(optional, into)]
    subtitle: MaybeProp<String>,
    /// More below the heading than a line of text.
    #[prop(optional, into)]
    lead: ViewFn,
    /// Whether it holds input that closing it would lose. Escape then asks first.
    #[prop(optional, into)]
    dirty: Signal<bool>,
    /// What it asks then.
    #[prop(optional)]
    question: DialogQuestion,
    /// Whether it asks. Its content sets this where another way of closing loses the same.
    #[prop(default = RwSignal::new(false))]
    asking: RwSignal<bool>,
    /// Wider than usual.
    #[prop(optional)]
    wide: bool,
    /// How it looks.
    #[prop(optional)]
    kind: DialogKind,
    /// Its content: `.dialog-body` and `.dialog-foot`.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let lead = StoredValue::new(lead);
    view! {
        <Show when=move || open.get()>
            <OpenDialog
                open=open
                title=title
                subtitle=subtitle
                lead=lead.get_value()
                dirty=dirty
                question=question
                asking=asking
                wide=wide
                kind=kind
            >
                {children.with_value(|children| children())}
            </OpenDialog>
        </Show>
    }
}

/// The dialog while it is open.
#[component]
fn OpenDialog(
    open: RwSignal<bool>,
    title: Signal<String>,
    subtitle: MaybeProp<String>,
    #[prop(into)] lead: ViewFn,
    dirty: Signal<bool>,
    question: DialogQuestion,
    asking: RwSignal<bool>,
    wide: bool,
    kind: DialogKind,
    children: Children,
) -> impl IntoView {
    let opener = StoredValue::new_local(Focused::now());
    // Dialogs can be nested, and each is labelled by its own title.
    let title_id = FieldIds::new().control;
    let named_by = title_id.clone();
    let reference = NodeRef::<html::Dialog>::new();
    let region = StoredValue::new_local(None::<LiveRegionGuest>);
    reference.on_load(move |dialog| {
        // Only an element that is in the page can be shown as a modal one.
        request_animation_frame(move || {
            dom::show_modal(&dialog);
            // Screen readers ignore everything outside a modal dialog.
            region.try_set_value(LiveRegionGuest::move_into(&dialog));
        });
    });
    on_cleanup(move || {
        drop(region.try_update_value(Option::take));
        let opener = opener.try_get_value().flatten();
        // The opener can be reached again only when the modal element is gone.
        request_animation_frame(move || {
            // The dialog around this one, or one that was opened since.
            if dom::modal_focused() {
                return;
            }
            if !opener.is_some_and(|opener| opener.restore()) {
                dom::focus_nearest_heading();
            }
        });
    });
    asking.set(false);
    let typing = StoredValue::new_local(None::<Focused>);
    Effect::new(move || {
        if asking.get() {
            typing.set_value(Focused::now());
            request_animation_frame(|| {
                dom::focus(".dialog-question button");
            });
        }
    });
    let ask = move || asking.set(true);
    let keep = move || {
        asking.set(false);
        if let Some(field) = typing.get_value() {
            field.restore();
        }
    };
    // Closing on Escape is prevented at the key: a browser cancels only the first close request.
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        if event.key() != "Escape" || event.default_prevented() {
            return;
        }
        // A popover closes first, and a dialog inside this one answers its own key.
        let is_mine = dom::mounted(reference).is_some_and(|dialog| dom::is_innermost(&dialog));
        if !is_mine {
            return;
        }
        if asking.get_untracked() {
            event.prevent_default();
            keep();
        } else if dirty.get_untracked() {
            event.prevent_default();
            ask();
        }
    };
    view! {
        <dialog
            node_ref=reference
            class="dialog"
            data-kind=kind.name()
            data-wide=wide.then_some("true")
            closedby=kind.closed_by()
            aria-labelledby=named_by
            on:keydown=pressed
            // A form around the component that opened this dialog is not the one that was sent.
            on:submit=|event| event.stop_propagation()
            on:cancel=move |event| {
                // Another way of asking to close than Escape, such as a gesture.
                if dirty.get_untracked() && dom::is_target(&event) {
                    event.prevent_default();
                    ask();
                }
            }
            on:close=move |event| {
                if dom::is_target(&event) {
                    open.set(false);
                }
            }
        >
            <header class="dialog-head">
                <h2 id=title_id>{title}</h2>
                <Show when=move || subtitle.get().is_some()>
                    <p class="small">{move || subtitle.get()}</p>
                </Show>
                {lead.run()}
            </header>
            {children()}
            <Show when=move || asking.get()>
                <div class="dialog-question" role="alertdialog" aria-label=question.question>
                    <p>{question.question}</p>
                    <span class="grow"></span>
                    <Button press=keep>{question.keep}</Button>
                    <Button kind=ButtonKind::Danger press=move || open.set(false)>
                        {question.close}
                    </Button>
                </div>
            </Show>
        </dialog>
    }
}
