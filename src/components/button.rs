//! Buttons.

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
    fn name(self) -> &'static str {
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
    let rests = move || busy.get() || disabled.get();
    view! {
        <button
            class="button"
            type=if submit { "submit" } else { "button" }
            data-kind=kind.name()
            aria-busy=move || busy.get().then_some("true")
            aria-disabled=move || rests().then_some("true")
            aria-label=move || label.get()
            on:click=move |event| {
                if busy.get_untracked() {
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
