//! The key of a row: its state, where it comes from, and what is known of it.

use super::OwnerSummary;
use crate::api::types::KeyState;
use crate::components::{Badge, Prose, Show, VerificationLine};
use crate::dom;
use crate::explain::host;
use crate::format::{key_tone, key_variable, key_word, previous_kept, stored_key};
use crate::state::{use_clock, use_workspace};
use leptos::prelude::*;

/// The state of the key.
#[component]
pub(super) fn KeyCell(summary: Memo<OwnerSummary>) -> impl IntoView {
    let now = use_clock().now();
    let workspace = use_workspace();
    let state =
        Memo::new(move |_| summary.with(|summary| (summary.key.state, summary.key_is_optional)));
    let backend = move || {
        workspace
            .settings
            .with(|settings| settings.secrets.backend.label())
            .unwrap_or("secrets backend")
    };
    let detail = Signal::derive(move || {
        summary.with(|summary| match summary.key.state {
            KeyState::Configured => match key_variable(&summary.key) {
                Some(variable) => format!("from `{variable}`"),
                None => stored_key(&summary.key, now.get()).unwrap_or_else(|| backend().to_owned()),
            },
            KeyState::Missing => summary.without_key.clone(),
            KeyState::Unknown => format!("The {} is not responding", backend()),
            KeyState::NeedsReentry => match summary.key.bound_origin.as_deref() {
                Some(origin) => format!("The key was for {}", host(origin)),
                None => "The stored key names no origin".to_owned(),
            },
        })
    });
    view! {
        <Badge
            tone=Signal::derive(move || key_tone(state.get().0))
            text=Signal::derive(move || {
                let (state, is_optional) = state.get();
                key_word(state, is_optional).to_owned()
            })
        />
        <p class="small">
            <Prose text=detail />
        </p>
        <VerificationLine
            known=Signal::derive(move || summary.with(|summary| summary.verification.clone()))
            now=now
        />
        <Show when=move || summary.with(|summary| summary.key.next.is_some())>
            <p class="small faint">"Next key saved"</p>
        </Show>
        <PreviousKey summary=summary />
    }
}

/// Until when the replaced key is kept, with the way back to it.
#[component]
fn PreviousKey(summary: Memo<OwnerSummary>) -> impl IntoView {
    let previous = Memo::new(move |_| summary.with(|summary| summary.key.previous.clone()));
    move || {
        previous.get().map(|previous| {
            let kept = previous_kept(&previous, &dom::local_time(previous.until));
            let (name, configure) = summary
                .with_untracked(|summary| (summary.name.clone(), summary.configure.to_string()));
            view! {
                <p class="small faint previous-key">
                    {kept} " · "
                    <a href=configure aria-label=format!("Switch back to the previous key of {name}")>
                        "Switch back…"
                    </a>
                </p>
            }
        })
    }
}
