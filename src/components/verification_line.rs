//! What is known of a key from its last use.

use crate::format::{verification_tone, verification_words};
use leptos::prelude::*;
use waypost_api_types::Verification;

/// Whether the key was accepted when it was last used: `Verified 2 min ago`.
#[component]
pub fn VerificationLine(
    /// What is known of it; nothing is shown without.
    #[prop(into)]
    known: Signal<Option<Verification>>,
    /// The time, in Unix seconds.
    now: Signal<i64>,
) -> impl IntoView {
    move || {
        known.get().map(|known| {
            let tone = verification_tone(&known).name();
            view! {
                <p class="verification" data-tone=tone>
                    {move || verification_words(&known, now.get())}
                </p>
            }
        })
    }
}
