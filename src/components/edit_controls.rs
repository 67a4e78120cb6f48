//! What a viewer sees of controls that change something: they are there, disabled, with the reason.

use super::edit_access::REASON_ID;
use super::{Button, ButtonKind, Notice, Show, Tone, VIEWER_REASON, use_edit_access};
use leptos::prelude::*;

/// The text that describes denied controls. A page has exactly one.
#[component]
pub fn EditReason() -> impl IntoView {
    view! {
        <p id=REASON_ID hidden="">
            {VIEWER_REASON}
        </p>
    }
}

/// The fields of a form. A viewer can read them, and a notice above says why they are disabled.
#[component]
pub fn EditFields(
    /// The fields and buttons.
    children: Children,
) -> impl IntoView {
    let access = use_edit_access();
    view! {
        <Show when=move || access.denied()>
            <Notice tone=Tone::None title="Read-only" text=VIEWER_REASON />
        </Show>
        <fieldset class="edit-fields" disabled=move || access.denied()>
            {children()}
        </fieldset>
    }
}

/// A link to a form that makes something new, drawn as a button. A viewer sees it disabled.
#[component]
pub fn EditLink(
    /// The address of the form.
    #[prop(into)]
    href: String,
    /// How prominent it is.
    #[prop(default = ButtonKind::Primary)]
    kind: ButtonKind,
    /// What it says.
    text: &'static str,
) -> impl IntoView {
    let access = use_edit_access();
    view! {
        <Show
            when=move || access.denied()
            fallback=move || {
                view! {
                    <a href=href.clone() class="button" data-kind=kind.name()>
                        {text}
                    </a>
                }
            }
        >
            <Button kind=kind edits=true>
                {text}
            </Button>
        </Show>
    }
}
