//! The tab Gateways.

use crate::app::use_title;
use leptos::prelude::*;

/// The tab.
#[component]
pub fn GatewaysPage() -> impl IntoView {
    use_title("Gateways");
    view! { <h2 class="visually-hidden">"Gateways"</h2> }
}
