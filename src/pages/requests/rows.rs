//! The requests that are shown: at most so many, newest first. Pure: no state, no browser.

use crate::api::RequestQuery;
use crate::api::types::{REQUEST_SEARCH_WORDS, RequestItem, RequestLogState, RequestsPage};
use std::sync::Arc;

/// Requests, newest first.
pub(super) type Rows = Vec<Arc<RequestItem>>;

/// The most rows in the page: whatever arrives, it stays as fast as with a few.
pub(super) const MOST: usize = 500;

/// How a page from the beginning of the log fits to what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// What is newer can be put before it.
    Adjoins,
    /// Requests between the page and what is shown are missing.
    Gap,
}

/// Whether a page, newest first, reaches down to what was seen last. `is_last` says that the log has
/// no further page.
pub(super) fn fit(page: &[RequestItem], is_last: bool, seen: i64) -> Fit {
    let reaches = page.last().is_none_or(|oldest| oldest.number <= seen);
    if reaches || is_last {
        Fit::Adjoins
    } else {
        Fit::Gap
    }
}

/// The requests of a page after a number.
pub(super) fn newer_than(page: Vec<RequestItem>, seen: i64) -> Rows {
    let newer = page.into_iter().filter(|item| item.number > seen);
    newer.map(Arc::new).collect()
}

/// Whether a page is empty because the log does not work. It says nothing of what is recorded.
pub(super) fn is_unread(page: &RequestsPage) -> bool {
    page.log.state == RequestLogState::Failing
        && page.items.is_empty()
        && page.next_cursor.is_none()
}

/// Whether a request is among those that are wanted, as the control plane decides it.
pub(super) fn passes(query: &RequestQuery, request: &RequestItem) -> bool {
    let is = |wanted: &str, value: Option<&str>| wanted.is_empty() || value == Some(wanted);
    let ended = request.at + i64::try_from(request.total_us / 1_000_000).unwrap_or_default();
    let lower = |text: &Option<String>| {
        text.as_ref()
            .map(|text| text.to_ascii_lowercase())
            .unwrap_or_default()
    };
    let texts = [
        &request.agent,
        &request.subagent,
        &request.model,
        &request.provider,
        &request.origin,
        &request.wire_model,
        &request.code,
        &request.fallback,
    ]
    .map(lower);
    let has = |word: &str| {
        let word = word.to_ascii_lowercase();
        texts.iter().any(|text| text.contains(&word)) || request.id.starts_with(&word)
    };
    is(&query.agent, request.agent.as_deref())
        && is(&query.provider, request.provider.as_deref())
        && is(&query.kind, request.kind.map(|kind| kind.name()))
        && is(&query.outcome, Some(request.outcome.name()))
        && query.since.is_none_or(|since| ended >= since)
        && query
            .text
            .split_whitespace()
            .take(REQUEST_SEARCH_WORDS)
            .all(has)
}

/// Puts newer requests before the others, in whatever order they come. Returns whether older ones had
/// to leave the page for it.
pub(super) fn put_before(rows: &mut Rows, mut newer: Rows) -> bool {
    newer.sort_by_key(|request| std::cmp::Reverse(request.number));
    newer.dedup_by_key(|request| request.number);
    let known = rows.first().map(|request| request.number);
    newer.retain(|request| known.is_none_or(|known| request.number > known));
    newer.truncate(MOST);
    rows.splice(0..0, newer);
    let leave = rows.len() > MOST;
    rows.truncate(MOST);
    leave
}

/// Puts older requests after the others. Returns whether newer ones had to leave the page for it.
pub(super) fn put_after(rows: &mut Rows, older: impl IntoIterator<Item = RequestItem>) -> bool {
    rows.extend(older.into_iter().map(Arc::new));
    let leave = rows.len().saturating_sub(MOST);
    rows.drain(..leave);
    leave > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::RequestLogStatus;
    use crate::pages::requests::words::sample;

    fn request(number: i64) -> RequestItem {
        RequestItem {
            number,
            ..sample::request()
        }
    }

    fn rows(numbers: impl IntoIterator<Item = i64>) -> Rows {
        numbers.into_iter().map(request).map(Arc::new).collect()
    }

    fn numbers(rows: &Rows) -> Vec<i64> {
        rows.iter().map(|request| request.number).collect()
    }

    #[test]
    fn what_arrives_is_filtered_as_what_is_listed() {
        let request = sample::request();
        let all = RequestQuery::default;
        let text = |text: &str| RequestQuery {
            text: text.to_owned(),
            ..all()
        };
        for query in [
            all(),
            RequestQuery {
                agent: "bot".to_owned(),
                ..all()
            },
            RequestQuery {
                provider: "openrouter".to_owned(),
                ..all()
            },
            RequestQuery {
                kind: "gateway".to_owned(),
                ..all()
            },
            RequestQuery {
                outcome: "ok".to_owned(),
                ..all()
            },
            RequestQuery {
                since: Some(1),
                ..all()
            },
            text("KIMI bot"),
            text("7f3c"),
        ] {
            assert!(passes(&query, &request), "{query:?}");
        }
        for query in [
            RequestQuery {
                agent: "bo".to_owned(),
                ..all()
            },
            RequestQuery {
                provider: "litellm".to_owned(),
                ..all()
            },
            RequestQuery {
                kind: "gateway_legacy".to_owned(),
                ..all()
            },
            RequestQuery {
                outcome: "failed".to_owned(),
                ..all()
            },
            RequestQuery {
                since: Some(2),
                ..all()
            },
            text("kimi other"),
            text("3c9a"),
        ] {
            assert!(!passes(&query, &request), "{query:?}");
        }
    }

    #[test]
    fn what_is_new_comes_first_and_nothing_comes_twice() {
        let mut shown = rows([5, 4]);
        assert!(!put_before(&mut shown, rows([5, 8, 6, 8])));
        assert_eq!(numbers(&shown), [8, 6, 5, 4]);
        let mut none = Rows::new();
        put_before(&mut none, rows([1, 2]));
        assert_eq!(numbers(&none), [2, 1]);
    }

    #[test]
    fn ten_thousand_requests_leave_as_many_rows_as_the_page_holds() {
        let mut shown = rows([1]);
        assert!(put_before(&mut shown, rows(2..10_002)));
        assert_eq!(shown.len(), MOST);
        assert_eq!(shown[0].number, 10_001);
    }

    #[test]
    fn older_ones_push_the_newest_out_of_a_full_page() {
        let mut shown = rows((101..601).rev());
        assert_eq!(shown.len(), MOST);
        assert!(put_after(&mut shown, (91..101).rev().map(request)));
        assert_eq!(shown.len(), MOST);
        assert_eq!((shown[0].number, shown[MOST - 1].number), (590, 91));
        let mut few = rows([3]);
        assert!(!put_after(&mut few, [request(2)]));
        assert_eq!(numbers(&few), [3, 2]);
    }

    #[test]
    fn a_page_that_does_not_reach_what_was_seen_leaves_a_gap() {
        let page = [request(9), request(8)];
        assert_eq!(fit(&page, false, 8), Fit::Adjoins);
        assert_eq!(fit(&page, false, 7), Fit::Gap);
        assert_eq!(fit(&page, true, 0), Fit::Adjoins);
        assert_eq!(fit(&[], true, 5), Fit::Adjoins);
    }
    #[test]
    fn what_the_stream_left_out_is_shown_when_the_page_is_there() {
        let mut shown = rows([5, 4]);
        let page: Vec<_> = (3..=9).rev().map(request).collect();
        assert_eq!(fit(&page, false, 5), Fit::Adjoins);
        put_before(&mut shown, newer_than(page, 5));
        assert_eq!(numbers(&shown), [9, 8, 7, 6, 5, 4]);
    }

    #[test]
    fn an_empty_page_of_a_log_that_fails_is_no_empty_log() {
        let page = |state, items| RequestsPage {
            items,
            next_cursor: None,
            latest: 0,
            log: RequestLogStatus {
                state,
                message: None,
                dropped: 0,
                keep_days: 7,
                keep_records: 1_000_000,
            },
        };
        assert!(is_unread(&page(RequestLogState::Failing, Vec::new())));
        assert!(!is_unread(&page(RequestLogState::Ok, Vec::new())));
        assert!(!is_unread(&page(RequestLogState::Off, Vec::new())));
        let items = vec![request(1)];
        assert!(!is_unread(&page(RequestLogState::Failing, items)));
    }
}
