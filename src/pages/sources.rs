//! The tab Custom sources: the list, and the form of one.

use crate::app::use_title;
use leptos::prelude::*;

/// The list.
#[component]
pub fn SourcesPage() -> impl IntoView {
    use_title("Custom sources");
    view! { <h2 class="visually-hidden">"Custom sources"</h2> }
}

/// The form of a new source, or of the one that the address names.
#[component]
pub fn SourceFormPage() -> impl IntoView {
    use_title("Custom source");
    view! { <h2>"Custom source"</h2> }
}
