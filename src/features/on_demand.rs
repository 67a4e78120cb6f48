//! A section of a page that is loaded when it is needed.

use crate::components::{Button, Loading, Notice, Tone};
use crate::lazy::{Coming, Part, Stage};
use leptos::prelude::*;

/// A section that may still have to be loaded.
#[component]
pub(crate) fn OnDemand<G: Clone + Send + Sync + 'static>(
    /// What loads it.
    load: fn() -> Coming<G>,
    /// What it draws.
    given: G,
    /// The message until then.
    label: &'static str,
) -> impl IntoView {
    let part = Part::new(load);
    part.ask();
    move || {
        match part.stage() {
        Stage::There(draw) => draw(given.clone()),
        Stage::Failed => view! {
            <Notice tone=Tone::Bad text="This part of the page could not be loaded. Check the connection to the control plane.">
                <Button press=move || part.ask()>"Try again"</Button>
            </Notice>
        }
        .into_any(),
        Stage::Unasked | Stage::Coming => view! { <Loading label=label rows=3 /> }.into_any(),
    }
    }
}
