//! The bar above the requests: whether it is live, and the filters, which are in the page's address.

use super::feed::Feed;
use super::feed_state::FeedState;
use crate::api::RequestQuery;
use crate::api::types::RequestOutcome;
use crate::components::{Button, ButtonKind, Choice, FilterSelect, Show, filter_field};
use crate::dom;
use crate::format::{count, request_outcome_label, thousands};
use crate::paths::RequestsFilter;
use crate::state::use_workspace;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// The kinds of route that are offered, with what they are called.
const KINDS: [(&str, &str); 6] = [
    ("", "All routes"),
    ("gateway", "Gateway"),
    ("gateway_legacy", "Gateway, short form"),
    ("direct", "Direct"),
    ("passthrough", "Passthrough"),
    ("managed", "Managed"),
];

/// How far back, with the number of seconds.
const SINCE: [(&str, &str, i64); 4] = [
    ("", "Any time", 0),
    ("1h", "Last hour", 3_600),
    ("24h", "Last 24 hours", 86_400),
    ("7d", "Last 7 days", 604_800),
];

/// Reads the filter of an address.
pub(super) fn of_address(query: &ParamsMap) -> RequestsFilter {
    RequestsFilter::read(|name| query.get(name))
}

/// What the API is asked for. A time that is none counts as absent.
pub(super) fn to_query(filter: &RequestsFilter, now: i64) -> RequestQuery {
    let named = SINCE
        .iter()
        .find(|(name, _, seconds)| *name == filter.since && *seconds > 0);
    RequestQuery {
        agent: filter.agent.clone(),
        provider: filter.provider.clone(),
        kind: filter.kind.clone(),
        outcome: filter.outcome.clone(),
        since: match named {
            Some((_, _, seconds)) => Some(now - seconds),
            None if filter.since.is_empty() => None,
            None => dom::start_of_day(&filter.since),
        },
        text: filter.query.trim().to_owned(),
    }
}

/// Choices, with the chosen one if an address names another.
fn with_chosen(mut choices: Vec<Choice>, chosen: String) -> Vec<Choice> {
    if !choices.iter().any(|choice| choice.value == chosen) {
        choices.push(Choice::new(chosen.clone(), chosen));
    }
    choices
}

/// The bar.
#[component]
pub(super) fn FilterBar(filter: RwSignal<RequestsFilter>, feed: Feed) -> impl IntoView {
    let workspace = use_workspace();
    let agents = Signal::derive(move || {
        let mut choices = vec![Choice::new("", "All agents")];
        feed.agents.with(|names| {
            choices.extend(names.iter().map(|name| Choice::new(name, name)));
        });
        with_chosen(choices, filter.with(|filter| filter.agent.clone()))
    });
    let providers = Signal::derive(move || {
        let mut names: Vec<String> = workspace
            .providers
            .with(|page| page.items.iter().map(|item| item.name.clone()).collect())
            .unwrap_or_default();
        workspace
            .sources
            .with(|sources| names.extend(sources.iter().map(|source| source.slug.clone())));
        names.sort();
        let all = std::iter::once(Choice::new("", "All providers"));
        let choices = all.chain(
            names
                .into_iter()
                .map(|name| Choice::new(name.clone(), name)),
        );
        with_chosen(
            choices.collect(),
            filter.with(|filter| filter.provider.clone()),
        )
    });
    let kinds = Signal::derive(move || {
        let choices = KINDS.map(|(value, label)| Choice::new(value, label));
        with_chosen(choices.into(), filter.with(|filter| filter.kind.clone()))
    });
    let outcomes = Signal::derive(move || {
        let all = std::iter::once(Choice::new("", "All outcomes"));
        let choices = all.chain(
            RequestOutcome::ALL
                .map(|outcome| Choice::new(outcome.name(), request_outcome_label(outcome))),
        );
        with_chosen(
            choices.collect(),
            filter.with(|filter| filter.outcome.clone()),
        )
    });
    let times = Signal::derive(move || {
        let choices = SINCE.map(|(value, label, _)| Choice::new(value, label));
        let chosen = filter.with(|filter| filter.since.clone());
        let mut choices: Vec<Choice> = choices.into();
        if !choices.iter().any(|choice| choice.value == chosen) {
            choices.push(Choice::new(chosen.clone(), format!("Since {chosen}")));
        }
        choices
    });
    view! {
        <div class="bar requests-bar" role="search" aria-label="Requests">
            <Live feed=feed />
            <FilterSelect
                label="Agent"
                choices=agents
                filter=filter
                field=filter_field!(RequestsFilter, agent)
            />
            <FilterSelect
                label="Provider or source"
                choices=providers
                filter=filter
                field=filter_field!(RequestsFilter, provider)
            />
            <FilterSelect
                label="Route"
                choices=kinds
                filter=filter
                field=filter_field!(RequestsFilter, kind)
            />
            <FilterSelect
                label="Outcome"
                choices=outcomes
                filter=filter
                field=filter_field!(RequestsFilter, outcome)
            />
            <FilterSelect
                label="Time"
                choices=times
                filter=filter
                field=filter_field!(RequestsFilter, since)
            />
            <input
                class="input"
                type="search"
                placeholder="Model, host, id"
                aria-label="Search requests"
                prop:value=move || filter.with(|filter| filter.query.clone())
                on:input:target=move |event| {
                    filter.update(|filter| filter.query = event.target().value());
                }
            />
            <Show when=move || filter.with(|filter| *filter != RequestsFilter::default())>
                <ClearFilters filter=filter />
            </Show>
        </div>
    }
}

/// Whether the list follows what happens, and the button that changes it.
#[component]
fn Live(feed: Feed) -> impl IntoView {
    let state = Memo::new(move |_| feed.feed_state());
    let waiting = Memo::new(move |_| feed.waiting_count());
    let word = move || match state.get() {
        FeedState::Live => "Live",
        FeedState::Paused => "Paused",
        FeedState::Connecting => "Connecting",
        FeedState::Polling { .. } | FeedState::Off => "Not live",
    };
    let name = move || match state.get() {
        FeedState::Live => "live",
        FeedState::Paused => "paused",
        FeedState::Connecting | FeedState::Polling { .. } | FeedState::Off => "off",
    };
    let text = move || match (feed.paused.get(), waiting.get()) {
        (false, _) => "Pause".to_owned(),
        (true, (0, _)) => "Resume".to_owned(),
        (true, (number, more)) => {
            format!(
                "Resume · {}{}",
                thousands(number),
                if more { "+" } else { "" }
            )
        }
    };
    let label = move || {
        let (number, _) = waiting.get();
        (feed.paused.get() && number > 0).then(|| {
            let requests = count(number, "request waits", "requests wait");
            format!("{}, {requests}", text())
        })
    };
    view! {
        <span class="requests-live">
            <span class="live-state" data-state=name>
                {word}
            </span>
            <Button label=Signal::derive(label) press=move || feed.toggle()>
                {text}
            </Button>
        </span>
    }
}

/// Shows everything again.
#[component]
pub(super) fn ClearFilters(filter: RwSignal<RequestsFilter>) -> impl IntoView {
    // The button disappears with what it clears.
    let press = move || {
        filter.set(RequestsFilter::default());
        dom::focus_heading_if_lost();
    };
    view! {
        <Button kind=ButtonKind::Quiet press=press>
            "Clear filters"
        </Button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_from_now() {
        let since = |since: &str| {
            let filter = RequestsFilter {
                since: since.to_owned(),
                ..RequestsFilter::default()
            };
            to_query(&filter, 1_000_000).since
        };
        assert_eq!(since("1h"), Some(996_400));
        assert_eq!(since("24h"), Some(913_600));
        assert_eq!(since(""), None);
    }

    #[test]
    fn a_choice_that_only_the_address_has_is_offered() {
        let choices = |chosen: &str| {
            let all = vec![Choice::new("", "All agents"), Choice::new("bot", "bot")];
            let choices = with_chosen(all, chosen.to_owned());
            choices
                .into_iter()
                .map(|choice| choice.value)
                .collect::<Vec<_>>()
        };
        assert_eq!(choices("bot"), ["", "bot"]);
        assert_eq!(choices("gone"), ["", "bot", "gone"]);
    }
}
