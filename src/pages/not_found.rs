//! The page for unknown addresses.

use crate::paths::Path;
use crate::state::use_title;
use leptos::prelude::*;
use leptos_router::components::A;

/// Says that the page does not exist, with a link.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    use_title("No such page");
    view! {
        <h1 tabindex="-1">"No such page"</h1>
        <p class="lead">
            "This address does not exist. " <A href=Path::Gateways.to_string()>"Go to Models"</A> "."
        </p>
    }
}
