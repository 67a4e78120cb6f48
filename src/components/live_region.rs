//! Where announcements are read from.

use leptos::prelude::*;

/// A polite live region that is heard and not seen. A page has exactly one.
#[component]
pub fn LiveRegion(
    /// What was said last.
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="visually-hidden" role="status" aria-live="polite" aria-atomic="true" data-live-region="">
            {text}
        </div>
    }
}
