//! Route preview: where a model ref goes, and why.

use crate::app::use_title;
use leptos::prelude::*;

/// The page.
#[component]
pub fn PreviewPage() -> impl IntoView {
    use_title("Route preview");
    view! { <h1 tabindex="-1">"Route preview"</h1> }
}
