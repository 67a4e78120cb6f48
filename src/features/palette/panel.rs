//! The panel below the ref box.

use super::suggest::suggestions;
use crate::components::{KindBadge, MarkedRef, Sentence, Show, Warnings, credential_words};
use crate::explain::{kind_word, plain, summary};
use crate::state::{use_announcer, use_routing_table};
use leptos::prelude::*;
use std::time::Duration;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution};

/// How long typing must pause before the route is announced.
const REST: Duration = Duration::from_millis(900);

/// The state shared by the box and its panel.
#[derive(Clone, Copy)]
pub(super) struct Given {
    /// What is typed.
    pub(super) text: RwSignal<String>,
    /// Whether the panel is shown.
    pub(super) shown: Signal<bool>,
    /// Known refs that complete the input, set by the panel.
    pub(super) offers: RwSignal<Vec<String>>,
    /// Which of them the arrow keys have reached.
    pub(super) picked: RwSignal<Option<usize>>,
    /// Puts a text in place of what is typed.
    pub(super) take: Callback<String>,
    /// Opens Route preview.
    pub(super) go: Callback<()>,
}

/// The panel: completions of the ref, and its route. It exists once the box was focused, and
/// resolves as you type.
#[component]
pub(super) fn Panel(given: Given) -> impl IntoView {
    let Given {
        text,
        shown,
        offers,
        ..
    } = given;
    let table = use_routing_table();
    let announcer = use_announcer();
    let resolution = Memo::new(move |_| {
        let text = text.get();
        let table = table.get()?;
        (!text.is_empty()).then(|| table.resolve(&text, Operation::default()))
    });
    Effect::new(move || {
        let table = table.get();
        let fitting = text.with(|text| table.map(|table| suggestions(table.snapshot(), text)));
        offers.set(fitting.unwrap_or_default());
    });
    let mut speak = debounce(REST, move |()| {
        if shown.try_get_untracked() == Some(true)
            && let Some(resolution) = resolution.get_untracked()
        {
            announcer.say(plain(&summary(&resolution)));
        }
    });
    Effect::new(move || {
        if text.with(|text| !text.is_empty()) {
            speak(());
        }
    });
    view! {
        <Show when=move || shown.get()>
            <OpenPanel given=given resolution=resolution />
        </Show>
    }
}

/// The panel while it is shown.
#[component]
fn OpenPanel(
    given: Given,
    /// The route; `None` while the configuration loads.
    resolution: Memo<Option<Resolution>>,
) -> impl IntoView {
    let Given {
        offers,
        picked,
        take,
        go,
        ..
    } = given;
    view! {
        // Focusable by a click, so that text can be selected without the panel closing.
        <div class="ref-panel" tabindex="-1">
            <Offers offers=offers picked=picked take=take />
            {move || match resolution.get() {
                Some(resolution) => view! { <Answer resolution=resolution take=take /> }.into_any(),
                None => view! { <p class="small">"Loading the configuration…"</p> }.into_any(),
            }}
            <p class="ref-panel-foot">
                <button class="button" type="button" data-kind="plain" data-size="small" on:click=move |_| go.run(())>
                    "Open in Route preview"
                </button>
                <span class="small">"Nothing is sent."</span>
            </p>
        </div>
    }
}

#[component]
fn Offers(
    offers: RwSignal<Vec<String>>,
    picked: RwSignal<Option<usize>>,
    take: Callback<String>,
) -> impl IntoView {
    let any = Signal::derive(move || offers.with(|offers| !offers.is_empty()));
    view! {
        <Show when=move || any.get()>
            <ul class="ref-offers" id="ref-box-offers" role="listbox" aria-label="Known refs">
                {move || {
                    offers
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(at, offer)| {
                            view! { <Offer at=at offer=offer picked=picked take=take /> }
                        })
                        .collect_view()
                }}
            </ul>
        </Show>
    }
}

#[component]
fn Offer(
    at: usize,
    offer: String,
    picked: RwSignal<Option<usize>>,
    take: Callback<String>,
) -> impl IntoView {
    let taken = offer.clone();
    view! {
        <li
            id=format!("ref-box-offer-{at}")
            role="option"
            aria-selected=move || if picked.get() == Some(at) { "true" } else { "false" }
            // The input keeps the focus, as the pattern of a combobox wants.
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| take.run(taken.clone())
        >
            <code>{offer}</code>
        </li>
    }
}

#[component]
fn Answer(resolution: Resolution, take: Callback<String>) -> impl IntoView {
    let rejected = resolution.outcome == Outcome::Rejected;
    let parts = summary(&resolution);
    let kind = resolution.route.as_ref().map(|route| route.kind);
    let word = match kind {
        _ if rejected => "no route",
        Some(kind) => kind_word(kind),
        None => "no route",
    };
    let span = resolution.error.as_ref().and_then(|error| error.span);
    let route = resolution.route;
    view! {
        <div class="ref-answer">
            <p class="ref-answer-head">
                <KindBadge kind=kind.filter(|_| !rejected) word=word />
                <span class="small">
                    <Sentence parts=parts />
                </span>
            </p>
            {span
                .map(|span| {
                    view! {
                        <p>
                            <MarkedRef model_ref=resolution.model_ref span=Some(span) />
                        </p>
                    }
                })}
            {route
                .map(|route| {
                    let credential = credential_words(route.credential.as_ref());
                    let url = route.url.unwrap_or_else(|| "no base URL is known".to_owned());
                    view! {
                        <dl class="facts">
                            <dt>{route.method}</dt>
                            <dd>
                                <code>{url}</code>
                            </dd>
                            <dt>"Wire model"</dt>
                            <dd>
                                <code>{route.wire_model}</code>
                            </dd>
                            <dt>"Credential"</dt>
                            <dd>{credential}</dd>
                        </dl>
                    }
                })}
            <Warnings warnings=resolution.warnings on_suggestion=take />
        </div>
    }
}
