//! Settings of the workspace.

use crate::app::use_title;
use leptos::prelude::*;

/// The page.
#[component]
pub fn SettingsPage() -> impl IntoView {
    use_title("Settings");
    view! { <h1 tabindex="-1">"Settings"</h1> }
}
