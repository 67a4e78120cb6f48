//! Sections of pages and dialogs that are loaded when they are needed.

use crate::components::{Loading, Notice, RetryButton, Tone};
use crate::lazy::{Coming, Part, Stage};
use crate::state::use_toasts;
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
                <RetryButton press=move || part.ask() />
            </Notice>
        }
        .into_any(),
        Stage::Unasked | Stage::Coming => view! { <Loading label=label rows=3 /> }.into_any(),
    }
    }
}

/// A dialog that may still have to be loaded, which happens when it is first opened.
#[component]
pub(crate) fn DialogOnDemand<G: Clone + Send + Sync + 'static>(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// What loads it.
    load: fn() -> Coming<(RwSignal<bool>, G)>,
    /// What it draws, besides whether it is open.
    given: G,
) -> impl IntoView {
    let toasts = use_toasts();
    let part = Part::new(load);
    let failed = move || {
        open.try_set(false);
        toasts.failed(
            "The dialog could not be loaded. Check the connection to the control plane, then open it again.",
        );
    };
    // Not an effect: a row has several of these, and most are never opened.
    move || match part.stage() {
        Stage::There(draw) => Some(draw((open, given.clone()))),
        Stage::Coming => None,
        Stage::Unasked | Stage::Failed => {
            if open.get() {
                part.ask_or(Box::new(failed));
            }
            None
        }
    }
}
