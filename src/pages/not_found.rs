//! An address that is none of the dashboard's.

use crate::paths::Path;
use crate::state::use_title;
use leptos::prelude::*;
use leptos_router::components::A;

/// Says that there is no such page, and where to go.
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
