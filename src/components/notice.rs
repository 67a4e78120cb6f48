//! Placeholders for data: loading, empty, stale and failed.

use super::{Prose, RelativeTime, RetryButton, Show, Tone};
use leptos::prelude::*;

/// A notice across the page, with actions.
#[component]
pub fn Notice(
    /// Its severity.
    #[prop(into)]
    tone: Signal<Tone>,
    /// What it is about, in a word or two.
    #[prop(optional, into)]
    title: MaybeProp<String>,
    /// What happened, why, and what to do next.
    #[prop(into)]
    text: Signal<String>,
    /// What can be done, or more about it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone=move || tone.get().name()>
            {move || title.get().map(|title| view! { <b>{title}</b> })}
            <span class="notice-text">
                <Prose text=text />
            </span>
            {children.map(|children| children())}
        </div>
    }
}

/// Why what was tried last did not work; nothing where it did.
#[component]
pub fn FailureNotice(
    /// What happened, why, and what to do next.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let text = Signal::derive(move || error.get().unwrap_or_default());
    view! {
        <Show when=move || error.with(Option::is_some)>
            <Notice tone=Tone::Bad text=text />
        </Show>
    }
}

/// An empty state, with what to do about it.
#[component]
pub fn Empty(
    /// The title.
    #[prop(into)]
    title: Signal<String>,
    /// Why, and what to do.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty-title">{title}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// Data is loading for the first time. Takes the space that the data will take.
#[component]
pub fn Loading(
    /// The label: `Loading providers`.
    #[prop(into)]
    label: Signal<String>,
    /// How many rows to keep room for.
    #[prop(default = 3)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="visually-hidden">{label}</span>
            {(0..rows)
                .map(|_| view! { <div class="loading-row" aria-hidden="true"></div> })
                .collect_view()}
        </div>
    }
}

/// The data is stale because reloading it failed.
#[component]
pub fn Stale(
    /// Why it failed.
    #[prop(into)]
    text: Signal<String>,
    /// When the data was loaded, in Unix seconds.
    #[prop(into)]
    read_at: Signal<i64>,
    /// The time, in Unix seconds.
    now: Signal<i64>,
    /// Whether it is reloading.
    #[prop(into)]
    busy: Signal<bool>,
    /// Reads it again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone="warn">
            <span class="notice-text">
                <Prose text=text />
                " Showing data from " <RelativeTime at=read_at now=now /> "."
            </span>
            <RetryButton busy=busy press=retry />
        </div>
    }
}
