//! Deleting the records of requests before a day.

use super::feed::Feed;
use crate::api::use_api;
use crate::components::{Button, ButtonKind, Confirm};
use crate::dom;
use crate::format::count;
use crate::state::{use_announcer, use_toasts, use_writes};
use leptos::prelude::*;

/// The button, and the dialog that it opens.
#[component]
pub(super) fn DeleteButton(feed: Feed) -> impl IntoView {
    let api = use_api();
    let toasts = use_toasts();
    let announcer = use_announcer();
    let open = RwSignal::new(false);
    let day = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let writes = use_writes().in_dialog(open);
    Effect::new(move || {
        if open.get() {
            day.set(String::new());
        }
    });
    // The first second of the day, and the day in words.
    let before = Memo::new(move |_| {
        let start = day.with(|day| dom::start_of_day(day))?;
        Some((start, dom::local_time(start).date()))
    });
    let action = move || match before.get() {
        Some((_, day)) => format!("Delete records before {day}"),
        None => "Delete records".to_owned(),
    };
    let confirm = move || {
        let Some((start, day)) = before.get_untracked() else {
            return;
        };
        error.set(None);
        writes.send(
            "Deleting records of requests",
            api.delete_requests(start),
            move |answer| {
                let records = count(answer.deleted, "record", "records");
                toasts.done(format!("Deleted {records} from before {day}."));
            },
            move |outcome| match outcome {
                Ok(()) => {
                    open.set(false);
                    feed.reload();
                }
                Err(problem) => {
                    announcer.say(problem.message());
                    error.set(Some(problem.message()));
                }
            },
        );
    };
    view! {
        <Button kind=ButtonKind::Quiet edits=true press=move || open.set(true)>
            "Delete records…"
        </Button>
        <Confirm
            open=open
            title="Delete records of requests?".to_owned()
            body="The records of all requests that ended before this day are deleted, whatever filters are set. Requests themselves are not affected. This cannot be undone."
                .to_owned()
            action=Signal::derive(action)
            busy=writes.busy()
            error=error
            held=Signal::derive(move || before.get().is_none())
            refused=move |()| announcer.say("Choose a day first.")
            confirm=move |()| confirm()
        >
            <label class="date-field">
                "Before"
                <input
                    class="input"
                    type="date"
                    prop:value=day
                    on:input:target=move |event| day.set(event.target().value())
                />
            </label>
        </Confirm>
    }
}
