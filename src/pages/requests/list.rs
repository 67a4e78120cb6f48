//! The rows: one request each, which is a link to it.

use super::feed::Feed;
use crate::api::types::RequestItem;
use crate::components::{Badge, KindBadge, UserText};
use crate::dom::{self, FocusStep};
use crate::explain::kind_word;
use crate::format::{LocalTime, elapsed, request_status, request_tone};
use crate::paths::{Path, RequestsFilter};
use crate::state::use_clock;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;

/// The columns: the name of each in the stylesheet, and its title.
const COLUMNS: [(&str, &str); 7] = [
    ("time", "Time"),
    ("agent", "Agent"),
    ("model", "Model"),
    ("route", "Route"),
    ("status", "Status"),
    ("first", "First byte"),
    ("total", "Total"),
];

/// What leads to a request from its row.
const LINKS: &str = "a.request-link";

/// The link of a request's row.
pub(super) fn row_selector(id: &str) -> String {
    // Ids are of letters, digits, `-` and `_`; what else an address names has no row.
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let id: String = id.chars().filter(|letter| is_plain(*letter)).collect();
    format!("[data-request=\"{id}\"] {LINKS}")
}

/// The table.
#[component]
pub(super) fn RequestList(
    feed: Feed,
    /// The request that is shown beside it.
    open: Memo<Option<String>>,
    filter: Memo<RequestsFilter>,
) -> impl IntoView {
    let body = NodeRef::<Div>::new();
    let now = use_clock().now();
    let today = Memo::new(move |_| dom::local_time(now.get()).iso_date());
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowDown" => FocusStep::Next,
            "ArrowUp" => FocusStep::Previous,
            _ => return,
        };
        if let Some(body) = dom::mounted(body) {
            event.prevent_default();
            dom::step_focus(&body, LINKS, step);
        }
    };
    let head = COLUMNS
        .map(|(part, title)| {
            view! {
                <span role="columnheader" data-part=part>
                    {title}
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="request-table" role="table" aria-label="Requests">
            <div role="rowgroup" class="request-head">
                <div role="row" class="request-row">
                    {head}
                </div>
            </div>
            <div role="rowgroup" node_ref=body on:keydown=on_key>
                <For
                    each=move || feed.items.get()
                    key=|request| request.number
                    children=move |request| {
                        view! { <RequestRow request=request open=open filter=filter today=today /> }
                    }
                />
            </div>
        </div>
    }
}

/// A request.
#[component]
fn RequestRow(
    request: Arc<RequestItem>,
    open: Memo<Option<String>>,
    filter: Memo<RequestsFilter>,
    /// The reader's day, as `2026-11-30`.
    today: Memo<String>,
) -> impl IntoView {
    let time = dom::local_time(request.at);
    let id = request.id.clone();
    let current = {
        let id = id.clone();
        Memo::new(move |_| open.with(|open| open.as_deref() == Some(&*id)))
    };
    let path = {
        let id = id.clone();
        move || Path::Request(id.clone(), filter.get()).to_string()
    };
    let fallback = request.fallback.is_some().then(|| {
        view! {
            <span class="request-fallback" title="The fallback was used">
                <span aria-hidden="true">"↩"</span>
                <span class="visually-hidden">" with fallback"</span>
            </span>
        }
    });
    view! {
        <div
            role="row"
            class="request-row"
            data-request=id
            data-current=move || current.get().then_some("true")
        >
            <span role="cell" data-part="time">
                <time datetime=dom::iso_time(request.at) title=time.date_time()>
                    <Day time=time today=today />
                    {time.clock_seconds()}
                </time>
            </span>
            <span role="cell" data-part="agent">
                {agent_name(&request)}
            </span>
            <span role="rowheader" data-part="model">
                <a
                    href=path
                    class="request-link"
                    data-noscroll=""
                    aria-current=move || current.get().then_some("true")
                >
                    {match &request.model {
                        Some(model) => view! { <code title=model.clone()>{model.clone()}</code> }.into_any(),
                        None => view! { <span class="faint">"No model"</span> }.into_any(),
                    }}
                </a>
            </span>
            <span role="cell" data-part="route">
                {route_of(&request)}
            </span>
            <span role="cell" data-part="status">
                <Badge tone=request_tone(&request) text=request_status(&request) />
                {fallback}
            </span>
            <span role="cell" data-part="first">
                {match request.first_byte_us {
                    Some(time) => elapsed(time).into_any(),
                    None => view! { <Unknown words="no answer" /> }.into_any(),
                }}
            </span>
            <span role="cell" data-part="total">
                {elapsed(request.total_us)}
            </span>
        </div>
    }
}

/// The day, unless it is today.
#[component]
fn Day(time: LocalTime, today: Memo<String>) -> impl IntoView {
    move || {
        let is_today = today.with(|today| *today == time.iso_date());
        (!is_today).then(|| view! { <span class="request-day">{time.short_date()} " "</span> })
    }
}

/// A value that is not known.
#[component]
fn Unknown(words: &'static str) -> impl IntoView {
    view! {
        <span aria-hidden="true">"–"</span>
        <span class="visually-hidden">{words}</span>
    }
}

fn agent_name(request: &RequestItem) -> AnyView {
    let Some(agent) = request.agent.clone() else {
        return view! { <span class="faint">"Unknown"</span> }.into_any();
    };
    let subagent = request.subagent.clone().map(|subagent| {
        view! {
            <span class="request-subagent">
                <UserText text=subagent />
            </span>
        }
    });
    view! {
        <b>
            <UserText text=agent />
        </b>
        {subagent}
    }
    .into_any()
}

/// Where it went: the mark of the kind, and the provider.
fn route_of(request: &RequestItem) -> AnyView {
    match (request.kind, request.provider.clone()) {
        (Some(kind), Some(provider)) => view! {
            <span class="kind-badge" data-kind=kind.name() title=kind_word(kind)>
                <span class="request-provider">{provider}</span>
                <span class="visually-hidden">{format!(", {}", kind_word(kind))}</span>
            </span>
        }
        .into_any(),
        (Some(kind), None) => {
            view! { <KindBadge kind=Some(kind) word=kind_word(kind) /> }.into_any()
        }
        (None, _) => view! { <Unknown words="no route" /> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::row_selector;

    #[test]
    fn an_address_cannot_leave_its_selector() {
        assert_eq!(
            row_selector("7f3c-9a_Z"),
            "[data-request=\"7f3c-9a_Z\"] a.request-link"
        );
        assert_eq!(
            row_selector("\"] a, [x=\""),
            "[data-request=\"ax\"] a.request-link"
        );
    }
}
