//! The live region.

use leptos::prelude::*;

/// A visually hidden polite live region. A page has exactly one.
#[component]
pub fn LiveRegion(
    /// The last announcement.
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status" aria-live="polite" aria-atomic="true" data-live-region="">
            {text}
        </div>
    }
}
