//! The command with a new token, where the first requests have taken the place of the page before them.

use super::first_request::{Code, LABEL, command};
use super::first_token::{COPY_NOW, FirstToken};
use crate::components::{Button, Notice, Tone};
use crate::dom;
use crate::features::inference_address::use_inference_origin;
use leptos::prelude::*;

/// The command, until it is copied or dismissed.
#[component]
pub(super) fn HeldToken(first: FirstToken) -> impl IntoView {
    on_cleanup(dom::focus_heading_if_lost);
    let held = first.created.get_untracked();
    let origin = use_inference_origin();
    held.map(|created| {
        let agent = created.agent.clone();
        let text = Signal::derive(move || {
            command(
                &origin.get().unwrap_or_default(),
                &created.model,
                Some(&created.token),
            )
        });
        let copied = move |done: bool| {
            if done {
                first.dismiss();
            }
        };
        view! {
            <section class="first-request" aria-label="New token">
                <p>{format!("Created the token “{LABEL}” for {agent}.")}</p>
                <Code
                    text=text
                    name="Copy the command"
                    copied=Callback::new(copied)
                />
                <Notice
                    tone=Tone::Warn
                    text=COPY_NOW
                >
                    <Button press=move || first.dismiss()>"Dismiss"</Button>
                </Notice>
            </section>
        }
    })
}
