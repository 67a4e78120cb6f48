//! States and kinds as small marks in words.

use leptos::prelude::*;

/// What a state means for the reader. Each has a colour and a shape, and the word beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good: a dot.
    Ok,
    /// Nothing there, which is no fault: a ring.
    None,
    /// Wants attention: a diamond.
    Warn,
    /// Failed: a square.
    Bad,
}

impl Tone {
    /// The value of `data-tone`, by which the stylesheet knows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::None => "none",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

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
