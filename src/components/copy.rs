//! Copying a text.

use crate::dom;
use crate::task::spawn_scoped;
use leptos::prelude::*;
use std::time::Duration;

/// Says that a copy failed.
pub const COPY_BLOCKED: &str = "The browser blocked copying.";

/// A button that copies a text and shows the result as its label.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What the button says, `Copy` by default.
    #[prop(optional, into)]
    label: Option<String>,
    /// Whether copying is the one thing to do here.
    #[prop(optional)]
    primary: bool,
    /// The whole name for assistive technology: `Copy ref openrouter/auto`.
    #[prop(optional, into)]
    name: MaybeProp<String>,
    /// Called with whether it was copied, so that the page can announce it.
    #[prop(optional, into)]
    copied: Option<Callback<bool>>,
) -> impl IntoView {
    let label = label.unwrap_or_else(|| "Copy".to_owned());
    let said = RwSignal::new(None::<bool>);
    let press = move |_| {
        let text = text.get_untracked();
        spawn_scoped(async move {
            let done = dom::copy(&text).await;
            said.try_set(Some(done));
            if let Some(copied) = copied {
                copied.try_run(done);
            }
            set_timeout(
                move || {
                    said.try_set(None);
                },
                Duration::from_secs(2),
            );
        });
    };
    view! {
        <button
            class="button"
            type="button"
            data-kind=if primary { "primary" } else { "plain" }
            data-size=(!primary).then_some("small")
            aria-label=move || name.get()
            on:click=press
        >
            {move || match said.get() {
                None => label.clone(),
                Some(true) => "Copied".to_owned(),
                Some(false) => "Copying blocked".to_owned(),
            }}
        </button>
    }
}
