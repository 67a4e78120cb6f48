//! The tab Catalog: every model of the organisation.

use crate::app::use_title;
use leptos::prelude::*;

/// The page.
#[component]
pub fn CatalogPage() -> impl IntoView {
    use_title("Catalog");
    view! { <h2 class="visually-hidden">"Catalog"</h2> }
}
