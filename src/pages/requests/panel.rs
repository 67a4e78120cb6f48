//! The request in the address, beside the list.

use super::detail::Detail;
use super::feed::Feed;
use crate::api::types::{RequestDetail, RequestItem};
use crate::api::{ApiError, use_api};
use crate::components::{Button, ButtonKind, Empty, Loading, Notice, RetryButton, Tone, UserText};
use crate::format::count;
use crate::paths::RequestsFilter;
use crate::task::Scope;
use leptos::ev;
use leptos::prelude::*;

/// How far the request is loaded.
#[derive(Clone)]
enum Loaded {
    Reading,
    There(Box<RequestDetail>),
    Failed(ApiError),
}

/// The panel. It is read again when the tab is looked at again: the route may differ by then.
#[component]
pub(super) fn RequestPanel(
    id: String,
    filter: Memo<RequestsFilter>,
    close: Callback<()>,
    feed: Feed,
) -> impl IntoView {
    let api = use_api();
    let scope = Scope::current();
    let loaded = RwSignal::new(Loaded::Reading);
    let id = StoredValue::new(id);
    let read = Callback::new(move |()| {
        let answer = id.with_value(|id| api.request(id));
        scope.spawn(async move {
            let answer = answer.await;
            loaded.try_update(|loaded| match (answer, &loaded) {
                (Ok(detail), _) => *loaded = Loaded::There(Box::new(detail)),
                // What is shown stays true.
                (Err(_), Loaded::There(_)) => {}
                (Err(error), _) => *loaded = Loaded::Failed(error),
            });
        });
    });
    read.run(());
    let on_return = window_event_listener(ev::focus, move |_| {
        read.try_run(());
    });
    on_cleanup(move || on_return.remove());
    let body = move || match loaded.get() {
        Loaded::Reading => view! { <Loading label="Loading the request" rows=5 /> }.into_any(),
        Loaded::There(detail) => view! { <Detail detail=*detail filter=filter /> }.into_any(),
        Loaded::Failed(error) if is_missing(&error) => {
            view! { <Missing feed=feed read=read /> }.into_any()
        }
        Loaded::Failed(error) => view! {
            <Notice tone=Tone::Bad text=error.message()>
                <RetryButton press=read />
            </Notice>
        }
        .into_any(),
    };
    // The heading stays while what is below it is loaded, and with it the focus.
    let heading = move || match loaded.get() {
        Loaded::There(detail) => view! { <Caller request=detail.request /> }.into_any(),
        Loaded::Failed(error) if is_missing(&error) => "No such request".into_any(),
        Loaded::Reading | Loaded::Failed(_) => "Request".into_any(),
    };
    view! {
        <section class="request-panel" aria-label="Request">
            <header class="request-panel-head">
                <h2 tabindex="-1">{heading}</h2>
                <span class="request-close">
                    <Button kind=ButtonKind::Quiet press=close>
                        "Close" <span class="visually-hidden">" the request"</span>
                    </Button>
                    <kbd aria-hidden="true">"Esc"</kbd>
                </span>
            </header>
            {body}
        </section>
    }
}

fn is_missing(error: &ApiError) -> bool {
    error.code() == Some("not_found")
}

/// Who sent the request.
#[component]
fn Caller(request: RequestItem) -> impl IntoView {
    let name = match request.agent {
        Some(agent) => view! { <UserText text=agent /> }.into_any(),
        None => "Unknown caller".into_any(),
    };
    let subagent = request.subagent.map(|subagent| {
        view! {
            <span class="request-subagent">
                <UserText text=subagent />
            </span>
        }
    });
    view! {
        <span class="visually-hidden">"Request of "</span>
        {name}
        {subagent}
    }
}

/// There is no record with the id.
#[component]
fn Missing(feed: Feed, read: Callback<()>) -> impl IntoView {
    let keeps = move || {
        let days = feed
            .log
            .with(|log| log.as_ref().map(|log| u64::from(log.keep_days)));
        days.map(|days| format!(" Records are kept for {}.", count(days, "day", "days")))
    };
    view! {
        <Empty title="No request has this id">
            <p>
                "It may still be running: a request is recorded when it has ended. Or its record was deleted."
                {keeps}
            </p>
            <Button press=read>"Look again"</Button>
        </Empty>
    }
}
