//! The title of the document.

use crate::dom;
use leptos::prelude::*;

/// The title of the page that is shown.
#[derive(Clone, Copy)]
pub struct Title(RwSignal<String>);

impl Title {
    /// No title yet.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(String::new()))
    }
}

impl Default for Title {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets the title; each page calls it once. The browser tab shows it before the product's name.
///
/// # Panics
/// Outside of the app, which provides the title.
pub fn use_title(title: impl Into<String>) {
    let Title(current) = use_context().expect("the app provides the title");
    let title = title.into();
    dom::set_title(&format!("{title} · Waypost"));
    current.set(title);
}
