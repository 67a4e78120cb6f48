//! Requests: every forwarded request as it ends, and one of them with its route and attempts.

mod attempts;
mod comparison;
mod decided_route;
mod delete;
mod detail;
mod facts;
mod failure;
mod feed;
mod feed_state;
mod filter;
mod first_request;
mod first_token;
mod held_token;
mod list;
mod log_status;
mod pace;
mod panel;
mod refusals;
mod rows;
mod words;

use crate::components::{Button, Empty, Loading, Notice, RetryButton, Show, Tone};
use crate::dom;
use crate::features::page_address::keep_in_address;
use crate::paths::{Path, RequestsFilter};
use crate::state::use_title;
use delete::DeleteButton;
use feed::Feed;
use filter::{ClearFilters, FilterBar, of_address, to_query};
use first_request::FirstRequest;
use first_token::FirstToken;
use held_token::HeldToken;
use leptos::ev;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_query_map};
use list::RequestList;
use log_status::{LogNotice, StreamNotice};
use panel::RequestPanel;

/// The page. The request in its address is shown beside the list, which stays where it is.
#[component]
pub fn RequestLogPage() -> impl IntoView {
    use_title("Requests");
    let feed = Feed::new();
    let first = FirstToken::new();
    let query = use_query_map();
    let pathname = use_location().pathname;
    let open = Memo::new(move |_| pathname.with(|pathname| Path::request_id(pathname)));
    let address = Memo::new(move |_| query.with(of_address));
    let filter = RwSignal::new(address.get_untracked());
    keep_in_address(
        address,
        filter.into(),
        move |shown| filter.set(shown),
        move |filter| match open.get_untracked() {
            Some(id) => Path::Request(id, filter),
            None => Path::Requests(filter),
        },
    );
    // The address follows the filter after a pause, so that not every key is a request.
    Effect::new(move || feed.restart(address.with(|filter| to_query(filter, dom::now()))));
    feed.rest_while_hidden();
    feed.follow_session();

    let navigate = use_navigate();
    let close = Callback::new(move |()| {
        let options = NavigateOptions {
            scroll: false,
            ..NavigateOptions::default()
        };
        navigate(
            &Path::Requests(address.get_untracked()).to_string(),
            options,
        );
    });
    follow_focus(open);
    close_on_escape(open, close);

    let is_open = Memo::new(move |_| open.with(Option::is_some));
    view! {
        <div class="requests" data-open=move || is_open.get().then_some("true")>
            <div class="page-head">
                <div>
                    <h1 tabindex="-1">"Requests"</h1>
                    <p class="lead">
                        "Every forwarded request, where it went, and why. Prompts and answers are never recorded."
                    </p>
                </div>
                <DeleteButton feed=feed />
            </div>
            <FilterBar filter=filter feed=feed />
            <LogNotice feed=feed />
            <StreamNotice feed=feed />
            <div class="requests-body">
                <div class="requests-list">
                    <List feed=feed first=first filter=filter open=open address=address />
                </div>
                {move || {
                    open.get()
                        .map(|id| {
                            view! { <RequestPanel id=id filter=address close=close feed=feed /> }
                        })
                }}
            </div>
        </div>
    }
}

/// The requests, or what is there instead of them.
#[component]
fn List(
    feed: Feed,
    first: FirstToken,
    filter: RwSignal<RequestsFilter>,
    open: Memo<Option<String>>,
    address: Memo<RequestsFilter>,
) -> impl IntoView {
    let failure = move || {
        let text = feed.error.get()?;
        Some(view! {
            <Notice tone=Tone::Bad text=text>
                <RetryButton busy=feed.loading press=move || feed.more() />
            </Notice>
        })
    };
    let is_filtered =
        Memo::new(move |_| address.with(|filter| *filter != RequestsFilter::default()));
    let has_none = Memo::new(move |_| {
        !is_filtered.get()
            && feed.loaded.get()
            && feed.items.with(Vec::is_empty)
            && feed.next.with(Option::is_none)
            && feed.error.with(Option::is_none)
    });
    view! {
        <Show
            when=move || feed.loaded.get()
            fallback=move || {
                feed.error
                    .with(Option::is_none)
                    .then(|| view! { <Loading label="Loading requests" rows=8 /> })
            }
        >
            <Show
                when=move || feed.items.with(|items| !items.is_empty())
                fallback=move || {
                    // A search reads a part of the log at a time.
                    let goes_on = feed.next.with(Option::is_some);
                    // What could not be read may be anything.
                    if !goes_on && feed.error.with(Option::is_some) {
                        return ().into_any();
                    }
                    let title = match goes_on {
                        true => "None of the latest requests match",
                        false => "No requests match",
                    };
                    match is_filtered.get() || goes_on {
                        true => {
                            view! {
                                <Empty title=title>
                                    <ClearFilters filter=filter />
                                </Empty>
                            }
                                .into_any()
                        }
                        false => view! { <FirstRequest feed=feed first=first /> }.into_any(),
                    }
                }
            >
                <RequestList feed=feed open=open filter=address />
            </Show>
        </Show>
        <Show when=move || !has_none.get() && first.created.with(Option::is_some)>
            <HeldToken first=first />
        </Show>
        {failure}
        <Show when=move || feed.next.with(Option::is_some)>
            <p class="requests-more">
                <Button busy=feed.loading press=move || feed.more()>
                    "Show older requests"
                </Button>
            </p>
        </Show>
    }
}

/// Moves the focus into a request that opens, and back to its row when it closes. A page that begins
/// with a request keeps the focus that it opens with.
fn follow_focus(open: Memo<Option<String>>) {
    Effect::new(move |before: Option<Option<String>>| {
        let now = open.get();
        match (before, &now) {
            (Some(Some(left)), None) => request_animation_frame(move || {
                if !dom::focus(&list::row_selector(&left)) {
                    dom::focus_heading();
                }
            }),
            (Some(left), Some(_)) if left != now => {
                dom::focus_when_drawn(".request-panel h2");
            }
            _ => {}
        }
        now
    });
}

/// Escape closes the request, unless something above the page closes first.
fn close_on_escape(open: Memo<Option<String>>, close: Callback<()>) {
    let pressed = window_event_listener(ev::keydown, move |event| {
        let is_open = open.with_untracked(Option::is_some);
        if event.key() == "Escape"
            && is_open
            && !event.default_prevented()
            && !dom::typing()
            && !dom::modal_open()
            && !dom::any_popover_shown()
        {
            event.prevent_default();
            close.run(());
        }
    });
    on_cleanup(move || pressed.remove());
}
