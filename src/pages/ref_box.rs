//! The ref box in the top bar: type a model ref anywhere and see where it goes.

use leptos::prelude::*;

/// The ref box.
#[component]
pub fn RefBox() -> impl IntoView {
    view! { <div class="ref-box"></div> }
}
