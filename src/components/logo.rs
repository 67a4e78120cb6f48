//! The product's logo.

use leptos::prelude::*;

/// The product's logo: a post with two signs.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M10 1.5v17M3.5 3H13l3 2.5L13 8H3.5zM16.5 10.5h-9l-3 2.300 3 2.300h9z" />
        </svg>
    }
}
