//! The traffic of a gateway, provider, source, model or agent: the number on its row, and the whole
//! of it behind.

mod details;
mod words;

use crate::api::types::{TrafficBy, TrafficWindow};
use crate::features::on_demand::DialogOnDemand;
use crate::format::thousands;
use crate::lazy::{Part, Stage, part};
use crate::paths::RequestsFilter;
use crate::state::{use_traffic, use_workspace};
use details::TrafficDialog;
use leptos::prelude::*;
use words::hour_words;

/// Whose traffic it is.
#[derive(Clone)]
pub(crate) struct TrafficOf {
    by: TrafficBy,
    /// As the control plane counts it.
    key: Signal<String>,
    /// What it is called.
    name: Signal<String>,
}

impl TrafficOf {
    /// That of a provider, a source or an agent, or of a model by its ref.
    pub(crate) fn new(
        by: TrafficBy,
        key: impl Into<Signal<String>>,
        name: impl Into<Signal<String>>,
    ) -> Self {
        Self {
            by,
            key: key.into(),
            name: name.into(),
        }
    }

    /// The requests that are counted in a window.
    fn filter(&self, window: TrafficWindow) -> RequestsFilter {
        let key = self.key.get();
        let all = match self.by {
            TrafficBy::Agent => RequestsFilter::of_agent(&key),
            TrafficBy::Provider | TrafficBy::Source => RequestsFilter::of_provider(&key),
            TrafficBy::Model => match key.split_once('/') {
                Some((owner, model)) => RequestsFilter {
                    query: model.to_owned(),
                    ..RequestsFilter::of_provider(owner)
                },
                None => RequestsFilter::default(),
            },
            TrafficBy::Kind => RequestsFilter {
                kind: key,
                ..RequestsFilter::default()
            },
        };
        RequestsFilter {
            since: window.name().to_owned(),
            ..all
        }
    }
}

// Most numbers are only looked at.
part!(load_traffic, dialogs, (RwSignal<bool>, TrafficOf), |(
    open,
    of,
)| {
    view! { <TrafficDialog open=open of=of /> }.into_any()
});

/// How many requests there were in the last hour, as a button that shows more; nothing without any.
/// A list calls [`watch_traffic`] to have the numbers.
#[component]
pub(crate) fn TrafficButton(
    of: TrafficOf,
    /// Shows the whole sentence instead of the number, also without requests or while they are not
    /// known.
    #[prop(optional)]
    sentence: bool,
    /// The `tabindex`, in a row of which only one control at a time takes part in tabbing.
    #[prop(optional, into)]
    tabindex: MaybeProp<i32>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let item = use_traffic().item(of.by, of.key);
    let known = use_traffic().is_known(of.by);
    let name = of.name;
    let button = move || {
        let item = item.get();
        let item = item.filter(|_| !sentence || known.get());
        if item.is_none() && !sentence {
            return None;
        }
        let words = match known.get() {
            true => hour_words(item.as_ref()),
            // They are loaded once the page is at rest.
            false => "Traffic of the last hour and day".to_owned(),
        };
        let title = words.clone();
        let label = move || (!sentence).then(|| format!("{}: {words}", name.get()));
        let text = match &item {
            _ if sentence => title.clone().into_any(),
            None => ().into_any(),
            Some(item) => {
                let failed = (item.failed > 0).then(|| {
                    let text = format!("{} failed", thousands(item.failed));
                    view! { <span class="traffic-failed">{text}</span> }
                });
                view! {
                    {thousands(item.requests)}
                    "/h "
                    {failed}
                }
                .into_any()
            }
        };
        Some(view! {
            <button
                class="bare-button figures traffic"
                type="button"
                title=(!sentence).then_some(title)
                aria-label=label
                tabindex=move || tabindex.get()
                on:click=move |_| open.set(true)
            >
                {text}
            </button>
        })
    };
    view! {
        {button}
        <DialogOnDemand open=open load=load_traffic given=of />
    }
}

// What reads the snapshot is no part of the first load.
part!(load_snapshot, report, (), |()| {
    let _ = use_workspace().snapshot();
    ().into_any()
});

/// Loads the numbers of a kind once the page is at rest, and keeps them fresh while it is shown. With
/// them comes the snapshot, so that a later page need not wait for it.
pub(crate) fn watch_traffic(by: TrafficBy) {
    let snapshot = Part::new(load_snapshot);
    Effect::new(move || {
        if let Stage::There(draw) = snapshot.stage() {
            draw(());
        }
    });
    use_traffic().watch(by, move || snapshot.ask_once());
}
