//! The notice above every page while the control plane does not answer.

use crate::components::{Button, Notice, Show, Tone};
use crate::state::{use_announcer, use_connection};
use leptos::prelude::*;

/// Says that the connection is lost and that Waypost is reconnecting; nothing while it works.
#[component]
pub(crate) fn ConnectionLost() -> impl IntoView {
    let connection = use_connection();
    let announcer = use_announcer();
    let lost = connection.is_lost();
    Effect::new(move |before: Option<bool>| {
        let now = lost.get();
        match (before, now) {
            (_, true) => announcer.say("Connection lost. Reconnecting."),
            (Some(true), false) => announcer.say("Connected again."),
            _ => {}
        }
        now
    });
    let text =
        "The control plane is not responding. Waypost keeps trying, and what you typed is kept.";
    view! {
        <Show when=lost>
            // Above the page, so that nothing moves under the pointer.
            <div class="connection-lost">
                <Notice tone=Tone::Warn title="Reconnecting…" text=text>
                    <Button press=move || connection.try_now()>"Try now"</Button>
                </Notice>
            </div>
        </Show>
    }
}
