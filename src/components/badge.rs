//! States and kinds as small marks in words.

use crate::format::Tone;
use leptos::prelude::*;

/// A state: a word with a shape.
#[component]
pub fn Badge(
    /// What it means.
    #[prop(into)]
    tone: Signal<Tone>,
    /// The word.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <span class="badge" data-tone=move || tone.get().name()>{text}</span> }
}

/// A kind or an origin, as a quiet outlined word.
#[component]
pub fn Tag(
    /// The word.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! { <span class="tag">{text}</span> }
}
