//! Activity: who changed, checked or opened what, day by day. Secrets are never in it.

mod event;
mod feed;
mod filter;
mod reversal;
mod words;

use crate::api::ApiError;
use crate::components::{Button, Empty, Loading, Notice, RetryButton, Show, Tone};
use crate::dom;
use crate::features::page_address::keep_in_address;
use crate::format::LocalTime;
use crate::paths::Path;
use crate::state::{use_clock, use_title, use_undo};
use event::EventItem;
use feed::{Feed, days};
use filter::{ClearFilters, FilterBar, of_address, to_query};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    use_title("Activity");
    let feed = Feed::new();
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(of_address));
    let filter = RwSignal::new(address.get_untracked());
    keep_in_address(
        address,
        filter.into(),
        move |shown| filter.set(shown),
        Path::Activity,
    );
    // The address follows the filter after a pause, so that not every key is a request.
    let undo = use_undo();
    let changed = feed.changed;
    Effect::new(move || {
        // What was undone here is another event.
        let _ = undo.undone();
        changed.track();
        feed.restart(address.with(to_query));
    });
    let failure = move || {
        let text = feed
            .error
            .with(|error| error.as_ref().map(ApiError::message))?;
        Some(view! {
            <Notice tone=Tone::Bad text=text>
                <RetryButton busy=feed.loading press=move || feed.more() />
            </Notice>
        })
    };
    view! {
        <h1 tabindex="-1">"Activity"</h1>
        <p class="lead">
            "Every change, check and sign-in. Keys and header values are never recorded."
        </p>
        <FilterBar filter=filter feed=feed />
        <Show
            when=move || feed.loaded.get()
            fallback=move || {
                feed.error
                    .with(Option::is_none)
                    .then(|| view! { <Loading label="Loading activity" rows=6 /> })
            }
        >
            <Show
                when=move || feed.events.with(|events| !events.is_empty())
                fallback=move || {
                    view! {
                        <Empty title="No events match">
                            <ClearFilters filter=filter />
                        </Empty>
                    }
                }
            >
                <Days feed=feed />
            </Show>
        </Show>
        {failure}
        <Show when=move || feed.next.with(Option::is_some)>
            <p class="activity-more">
                <Button busy=feed.loading press=move || feed.more()>
                    "Show older events"
                </Button>
            </p>
        </Show>
    }
}

/// The events under a heading for each day.
#[component]
fn Days(feed: Feed) -> impl IntoView {
    let now = use_clock().now();
    let today = Memo::new(move |_| dom::local_time(now.get()).iso_date());
    let yesterday = Memo::new(move |_| {
        let start = dom::start_of_day(&today.get()).unwrap_or_default();
        dom::local_time(start - 1).iso_date()
    });
    let heading = move |day: LocalTime| {
        let date = day.iso_date();
        if today.with(|today| *today == date) {
            "Today".to_owned()
        } else if yesterday.with(|yesterday| *yesterday == date) {
            "Yesterday".to_owned()
        } else {
            day.weekday_date()
        }
    };
    let days = Memo::new(move |_| feed.events.with(|events| days(events, dom::local_time)));
    view! {
        // A day grows when older or newer events of it are loaded.
        <For
            each=move || days.get()
            key=|day| {
                let latest = day.events.first().map(|event| event.id);
                (day.time.iso_date(), day.events.len(), latest)
            }
            children=move |day| {
                let id = format!("day-{}", day.time.iso_date());
                let labelled_by = id.clone();
                let time = day.time;
                view! {
                    <section class="day" aria-labelledby=labelled_by>
                        <h2 id=id>{move || heading(time)}</h2>
                        <ol>
                            {day
                                .events
                                .into_iter()
                                .map(|event| view! { <EventItem event=event feed=feed /> })
                                .collect_view()}
                        </ol>
                    </section>
                }
            }
        />
    }
}
