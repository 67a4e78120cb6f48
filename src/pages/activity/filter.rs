//! The filters above the events. They are in the page's address, so that a link reproduces them.

use super::feed::Feed;
use super::words::{Target, actor_id};
use crate::api::AuditQuery;
use crate::components::{
    Button, ButtonKind, Choice, FilterField, FilterSelect, Show, UserText, filter_field,
};
use crate::dom;
use crate::format::actor;
use crate::paths::ActivityFilter;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use waypost_api_types::audit_words::action_words;

/// The kinds of actions that are offered: the beginning of their names, and the label.
const KINDS: [(&str, &str); 10] = [
    ("", "All kinds"),
    ("provider", "Gateways and providers"),
    ("source", "Custom sources"),
    ("agent", "Agents"),
    ("models", "Models"),
    ("default_model", "Default model"),
    ("settings", "Settings"),
    ("token", "Tokens"),
    ("requests", "Request log"),
    ("session", "Sign-ins"),
];

/// More than half a day: from the start of any day, one and a half days lead into the next one,
/// also where the clocks change.
const INTO_NEXT_DAY: i64 = 36 * 3_600;

/// Reads the filter of an address.
pub(super) fn of_address(query: &ParamsMap) -> ActivityFilter {
    let text = |name: &str| query.get(name).unwrap_or_default();
    ActivityFilter {
        action: text("action"),
        target: text("target"),
        actor: text("actor"),
        since: text("since"),
        until: text("until"),
        query: text("q"),
    }
}

/// What the API is asked for. Days are those of the reader; one that is no date counts as absent.
pub(super) fn to_query(filter: &ActivityFilter) -> AuditQuery {
    let next_day = |start: i64| dom::local_time(start + INTO_NEXT_DAY).iso_date();
    AuditQuery {
        action: filter.action.clone(),
        target: filter.target.clone(),
        actor: filter.actor.clone(),
        text: filter.query.trim().to_owned(),
        since: dom::start_of_day(&filter.since),
        until: dom::start_of_day(&filter.until)
            .and_then(|start| dom::start_of_day(&next_day(start))),
    }
}

/// The bar.
#[component]
pub(super) fn FilterBar(filter: RwSignal<ActivityFilter>, feed: Feed) -> impl IntoView {
    let people = Signal::derive(move || {
        let chosen = filter.with(|filter| filter.actor.clone());
        let mut choices = vec![Choice::new("", "Everyone")];
        feed.actors.with(|actors| {
            for (id, name) in actors {
                choices.push(Choice::new(id.clone(), name.clone()));
            }
            // An address may name someone who is on no page yet.
            let listed = actors.iter().any(|(id, _)| id == actor_id(&chosen));
            if !chosen.is_empty() && !listed {
                choices.push(Choice::new(actor_id(&chosen), actor(&chosen)));
            }
        });
        choices
    });
    let kinds = Signal::derive(move || {
        let chosen = filter.with(|filter| filter.action.clone());
        let mut choices: Vec<Choice> = KINDS
            .iter()
            .map(|(value, label)| Choice::new(*value, *label))
            .collect();
        if !KINDS.iter().any(|(value, _)| *value == chosen) {
            choices.push(Choice::new(chosen.clone(), action_words(&chosen)));
        }
        choices
    });
    let target = move || {
        let target = filter.with(|filter| filter.target.clone());
        (!target.is_empty()).then(|| {
            let name = Target::read(&target).name();
            let name = if name.is_empty() { target } else { name };
            view! {
                <p class="chip activity-target">
                    "About " <UserText text=name />
                    <button
                        type="button"
                        class="bare-button"
                        aria-label="Show events of every target"
                        on:click=move |_| {
                            filter.update(|filter| filter.target.clear());
                            dom::focus_heading_if_lost();
                        }
                    >
                        "✕"
                    </button>
                </p>
            }
        })
    };
    let file = move || filter.with(|filter| to_query(filter).file_address());
    view! {
        <div class="bar activity-bar" role="search" aria-label="Activity">
            {target}
            <FilterSelect
                label="Who"
                choices=people
                filter=filter
                field=FilterField {
                    get: |filter: &ActivityFilter| actor_id(&filter.actor),
                    set: |filter, chosen| filter.actor = chosen,
                }
            />
            <FilterSelect
                label="Kind"
                choices=kinds
                filter=filter
                field=filter_field!(ActivityFilter, action)
            />
            <label class="date-field">
                "From"
                <input
                    class="input"
                    type="date"
                    prop:value=move || filter.with(|filter| filter.since.clone())
                    on:change:target=move |event| {
                        filter.update(|filter| filter.since = event.target().value());
                    }
                />
            </label>
            <label class="date-field">
                "To"
                <input
                    class="input"
                    type="date"
                    prop:value=move || filter.with(|filter| filter.until.clone())
                    on:change:target=move |event| {
                        filter.update(|filter| filter.until = event.target().value());
                    }
                />
            </label>
            <input
                class="input"
                type="search"
                placeholder="Search"
                aria-label="Search activity"
                prop:value=move || filter.with(|filter| filter.query.clone())
                on:input:target=move |event| {
                    filter.update(|filter| filter.query = event.target().value());
                }
            />
            <Show when=move || filter.with(|filter| *filter != ActivityFilter::default())>
                <ClearFilters filter=filter />
            </Show>
            <span class="grow"></span>
            <a class="button" data-kind="plain" href=file download="waypost-activity.csv">
                "Export CSV"
            </a>
        </div>
    }
}

/// Shows everything again.
#[component]
pub(super) fn ClearFilters(filter: RwSignal<ActivityFilter>) -> impl IntoView {
    // The button disappears with what it clears.
    let press = move || {
        filter.set(ActivityFilter::default());
        dom::focus_heading_if_lost();
    };
    view! {
        <Button kind=ButtonKind::Quiet press=press>
            "Clear filters"
        </Button>
    }
}
