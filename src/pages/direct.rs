//! The tab Direct providers.

use crate::app::use_title;
use leptos::prelude::*;

/// The tab.
#[component]
pub fn DirectPage() -> impl IntoView {
    use_title("Direct providers");
    view! { <h2 class="visually-hidden">"Direct providers"</h2> }
}
