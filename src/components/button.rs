//! Buttons.

use super::use_edit_access;
use leptos::prelude::*;

/// How prominent a button is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// Bordered.
    #[default]
    Plain,
    /// The one thing to do here.
    Primary,
    /// Without a border, in the accent colour.
    Quiet,
    /// Without a border, for what cannot be undone.
    Danger,
}

impl ButtonKind {
    /// The value of `data-kind`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Primary => "primary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button. While it is busy or disabled it stays focusable and does nothing.
#[component]
pub fn Button(
    /// How prominent it is.
    #[prop(optional)]
    kind: ButtonKind,
    /// Whether its action runs.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it cannot be used now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether it changes something: a viewer sees it disabled, with the reason.
    #[prop(optional)]
    edits: bool,
    /// Whether it sends the form around it.
    #[prop(optional)]
    submit: bool,
    /// Its accessible name, if its text alone is ambiguous: `Test litellm`.
    #[prop(optional, into)]
    label: MaybeProp<String>,
    /// Its action. A submit button leaves that to its form.
    #[prop(optional, into)]
    press: Option<Callback<()>>,
    /// Its action while it is disabled, for example to say why.
    #[prop(optional, into)]
    refused: Option<Callback<()>>,
    /// Its text.
    children: Children,
) -> impl IntoView {
    let access = edits.then(use_edit_access);
    let denied = move || access.is_some_and(|access| access.denied());
    let rests = move || busy.get() || disabled.get() || denied();
    view! {
        <button
            class="button"
            type=if submit { "submit" } else { "button" }
            data-kind=kind.name()
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || rests().then_some("true")
            aria-describedby=move || access.and_then(|access| access.described_by())
            aria-label=move || label.get()
            title=move || access.and_then(|access| access.title())
            on:click=move |event| {
                if busy.get_untracked() || access.is_some_and(|access| access.refuses()) {
                    event.prevent_default();
                } else if disabled.get_untracked() {
                    event.prevent_default();
                    if let Some(refused) = refused {
                        refused.run(());
                    }
                } else if let Some(press) = press {
                    press.run(());
                }
            }
        >
            {children()}
        </button>
    }
}
