//! What the reader must know about the log: that it does not work, that records were dropped, or that
//! the list is not live.

use super::feed::Feed;
use super::feed_state::FeedState;
use crate::api::types::{RequestLogState, RequestLogStatus};
use crate::components::{Notice, RetryButton, Tone};
use crate::format::count;
use leptos::prelude::*;

/// A notice; nothing while the log is complete.
#[component]
pub(super) fn LogNotice(feed: Feed) -> impl IntoView {
    let shown = Memo::new(move |_| feed.log.with(|log| log.as_ref().and_then(notice)));
    move || {
        let (tone, text) = shown.get()?;
        Some(view! { <Notice tone=tone text=text /> })
    }
}

/// Why the list is not live although it could be; nothing while it is.
#[component]
pub(super) fn StreamNotice(feed: Feed) -> impl IntoView {
    let seconds = Memo::new(move |_| match feed.feed_state() {
        FeedState::Polling { seconds } => Some(seconds),
        _ => None,
    });
    move || {
        let text = polling(seconds.get()?);
        Some(view! {
            <Notice tone=Tone::Warn title="Not live" text=text>
                <RetryButton press=move || feed.catch_up() />
            </Notice>
        })
    }
}

fn polling(seconds: u64) -> String {
    format!(
        "Waypost did not open another live list. Too many may be open: close those in other tabs and windows. Until then this list looks for new requests every {seconds} s."
    )
}

/// How much it matters, and the text.
fn notice(log: &RequestLogStatus) -> Option<(Tone, String)> {
    let dropped = (log.dropped > 0).then(|| {
        let records = count(log.dropped, "record was", "records were");
        format!("{records} dropped since Waypost started. The requests were not affected.")
    });
    let message = log.message.clone();
    match log.state {
        RequestLogState::Ok => dropped.map(|text| (Tone::None, text)),
        RequestLogState::Off => {
            let text = "Waypost runs without a request log, so nothing is recorded.";
            Some((Tone::None, message.unwrap_or_else(|| text.to_owned())))
        }
        RequestLogState::Failing => {
            let text = "Requests are not being recorded. They are still forwarded.";
            let text = message.unwrap_or_else(|| text.to_owned());
            Some((
                Tone::Warn,
                match dropped {
                    Some(dropped) => format!("{text} {dropped}"),
                    None => text,
                },
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_works_says_nothing() {
        let mut log = RequestLogStatus {
            state: RequestLogState::Ok,
            message: None,
            dropped: 0,
            keep_days: 7,
            keep_records: 1_000_000,
        };
        assert_eq!(notice(&log), None);
        log.dropped = 1;
        let (tone, text) = notice(&log).expect("a notice");
        assert_eq!(tone, Tone::None);
        assert!(text.starts_with("1 record was dropped"), "{text}");
        log.state = RequestLogState::Failing;
        log.message = Some("The disk is full.".to_owned());
        let (tone, text) = notice(&log).expect("a notice");
        assert_eq!(tone, Tone::Warn);
        assert!(text.starts_with("The disk is full. 1 record"), "{text}");
        log.state = RequestLogState::Off;
        assert!(notice(&log).is_some());
    }
}
