//! Text that users chose: names of agents, sources and tokens.

use leptos::prelude::*;

/// A name that a user chose. Its direction is its own, so that a right-to-left name does not reorder
/// the sentence around it. A long one is cut after two lines; pointing at it shows all of it, and so
/// does moving the keyboard's focus into its row.
#[component]
pub fn UserText(
    /// The name.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    // A tooltip that repeats a short name is noise.
    let title = move || text.with(|text| (text.chars().count() > LONG).then(|| text.clone()));
    view! {
        <bdi class="user-text" title=title>
            {text}
        </bdi>
    }
}

/// Names up to this length are never cut.
const LONG: usize = 40;
