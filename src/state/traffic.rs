//! How many requests went where in the last hour, for the numbers on rows.

use super::{Cached, use_clock};
use crate::api::types::{Traffic, TrafficBy, TrafficItem, TrafficWindow};
use crate::api::{Api, in_background};
use crate::dom;
use leptos::prelude::*;
use std::time::Duration;

/// The pause before the first load, so that the page has what it waits for.
const REST: Duration = Duration::from_secs(2);

/// How often it is loaded again while the tab is visible.
const FRESH: Duration = Duration::from_secs(60);

/// A count of this age, in seconds, is not worth another request when a page opens.
const RECENT: i64 = 30;

/// A count of this age, in seconds, no longer says what happens: reloading it has failed.
const OUTDATED: i64 = 90;

/// The traffic of the last hour, loaded apart from what the pages wait for.
#[derive(Clone, Copy)]
pub struct TrafficCounts {
    api: Api,
    owner: StoredValue<Owner>,
    counts: StoredValue<Vec<(TrafficBy, Cached<Traffic>)>>,
}

impl TrafficCounts {
    /// No counts yet. They live as long as the caller.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self {
            api,
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            counts: StoredValue::new(Vec::new()),
        }
    }

    /// The counts of a kind, which are loaded only while something watches them.
    fn of(self, by: TrafficBy) -> Cached<Traffic> {
        let known = self.counts.with_value(|counts| {
            let mut counts = counts.iter();
            counts
                .find(|(kind, _)| *kind == by)
                .map(|(_, count)| *count)
        });
        known.unwrap_or_else(|| {
            let owner = self.owner.get_value();
            let api = self.api;
            let count = owner.with(|| Cached::new(move || api.traffic(TrafficWindow::Hour, by)));
            self.counts.update_value(|counts| counts.push((by, count)));
            count
        })
    }

    /// Keeps the counts of a kind fresh until the current owner is cleaned up. Runs `at_rest` once the
    /// page has what it waits for.
    pub fn watch(self, by: TrafficBy, at_rest: impl Fn() + 'static) {
        let count = self.of(by);
        let reload = move || {
            if dom::visible() && dom::now() - untrack(|| count.read_at()) > RECENT {
                in_background(|| count.reload());
            }
        };
        let first = move || {
            reload();
            at_rest();
        };
        if let Ok(timer) = set_timeout_with_handle(first, REST) {
            on_cleanup(move || timer.clear());
        }
        dom::every(FRESH, reload);
    }

    /// The traffic of one agent, provider, source or model; `None` without any, or while it is not
    /// known.
    #[must_use]
    pub fn item(self, by: TrafficBy, key: impl Into<Signal<String>>) -> Memo<Option<TrafficItem>> {
        let count = self.of(by);
        let key = key.into();
        Memo::new(move |_| {
            count.with(|traffic| {
                let mut items = traffic.items.iter();
                key.with(|key| items.find(|item| item.key == *key).cloned())
            })?
        })
    }

    /// Whether the counts of a kind are loaded, and of the last minutes.
    #[must_use]
    pub fn is_known(self, by: TrafficBy) -> Memo<bool> {
        let count = self.of(by);
        let now = use_clock().now();
        Memo::new(move |_| count.with(|_| ()).is_some() && now.get() - count.read_at() <= OUTDATED)
    }

    /// Clears them, as when the session ends.
    pub fn forget(self) {
        for (_, count) in self.counts.get_value() {
            count.forget();
        }
    }
}

/// The traffic of the last hour.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_traffic() -> TrafficCounts {
    use_context().expect("the app provides the traffic")
}
