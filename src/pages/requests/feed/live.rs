//! FeedState the log: what the stream brings, and catching up with what it left out.

use super::super::pace::Pace;
use super::super::refusals::Refusals;
use super::super::rows::{Fit, MOST, Rows, fit, newer_than, passes, put_before};
use super::Feed;
use crate::api::types::{RequestItem, RequestLogState, RequestLogStatus, RequestsPage};
use crate::api::{ApiError, LiveEvent, RequestQuery, in_background};
use crate::dom;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// How long arrivals are gathered, so that a burst is drawn once.
const GATHER: Duration = Duration::from_millis(150);

/// The pause before the log is read again after that failed.
const REREAD: Duration = Duration::from_secs(3);

/// The rest after a catch-up, so that a busy log is not read all the time.
const REST: Duration = Duration::from_secs(3);

impl Feed {
    /// Opens the stream of what comes after the highest number seen.
    pub(super) fn follow(self) {
        let is_on = |log: &Option<RequestLogStatus>| {
            log.as_ref()
                .is_some_and(|log| log.state != RequestLogState::Off)
        };
        if !dom::visible() || self.log.try_with_untracked(is_on) != Some(true) {
            return;
        }
        let after = self.seen.try_get_value().unwrap_or_default();
        let stream = self.api.live_requests(after, move |event| self.hear(event));
        self.stream.try_set_value(stream);
    }

    fn hear(self, event: LiveEvent) {
        match event {
            LiveEvent::Connected => {
                self.connected.try_set(true);
                self.refusals.try_update(Refusals::clear);
            }
            LiveEvent::Interrupted => {
                self.connected.try_set(false);
            }
            LiveEvent::Log(status) => {
                let works = status.state == RequestLogState::Ok;
                self.log.try_set(Some(status));
                if works && self.fresh.try_get_value() == Some(false) {
                    self.catch_up();
                }
            }
            LiveEvent::Request(request) => self.gather(request),
            LiveEvent::Missed => self.miss(),
            LiveEvent::Ended => {
                self.close();
                let pause = self.refusals.try_update(Refusals::add);
                set_timeout(move || self.reopen(), pause.unwrap_or(REREAD));
            }
        }
    }

    /// The stream goes on after requests that it left out.
    fn miss(self) {
        if self.paused.try_get_untracked() == Some(true) {
            self.flush();
            // Resume loads the first page.
            self.gap.set(true);
            return;
        }
        // What it sends next would hide that those before it are missing.
        self.close();
        self.flush();
        self.catch_up();
    }

    /// Catches up if nothing follows the log, or the rows are not those that are wanted.
    fn reopen(self) {
        let follows = self.stream.try_with_value(Option::is_some);
        let fresh = self.fresh.try_get_value();
        if let (Some(follows), Some(fresh)) = (follows, fresh)
            && !(follows && fresh)
            && dom::visible()
        {
            self.catch_up();
        }
    }

    /// Takes a request that arrived, to be drawn with those that follow at once.
    fn gather(self, request: RequestItem) {
        let seen = self.seen.try_get_value().unwrap_or(i64::MAX);
        if request.number <= seen {
            return;
        }
        if self.fresh.try_get_value() != Some(true) {
            // The log can be read again.
            return self.catch_up();
        }
        self.seen.set_value(request.number);
        // The stream has all requests, whatever the list is limited to.
        let is_wanted = |query: &RequestQuery| passes(query, &request);
        if self.query.try_with_value(is_wanted) != Some(true) {
            return;
        }
        let is_first = self
            .arrived
            .try_update_value(|arrived| {
                arrived.push(Arc::new(request));
                arrived.len() == 1
            })
            .unwrap_or_default();
        if is_first {
            set_timeout(move || self.draw_arrived(), GATHER);
        }
    }

    /// Draws what arrived. While an older page is loading, that is left to its end: new rows might push
    /// out the one that the page follows.
    pub(super) fn draw_arrived(self) {
        if self.older.try_get_value() == Some(false) {
            self.flush();
        }
    }

    fn flush(self) {
        let arrived = self.arrived.try_update_value(std::mem::take);
        let Some(arrived) = arrived.filter(|arrived| !arrived.is_empty()) else {
            return;
        };
        self.note_agents(arrived.iter().map(|request| &**request));
        self.take(arrived);
    }

    /// Shows newer requests, or keeps them while it is paused.
    fn take(self, newer: Rows) {
        if self.paused.try_get_untracked() == Some(true) {
            let full = self
                .waiting
                .try_update(|waiting| put_before(waiting, newer))
                .unwrap_or_default();
            if full {
                self.gap.set(true);
            }
        } else {
            self.show(newer);
        }
    }

    pub(super) fn show(self, newer: Rows) {
        if newer.is_empty() {
            return;
        }
        let pushed_out = self
            .items
            .try_update(|items| put_before(items, newer))
            .unwrap_or_default();
        if pushed_out {
            let last = self.items.try_with_untracked(|items| {
                let last = items.get(MOST - 1)?;
                Some(last.number.to_string())
            });
            self.next.set(last.flatten());
        }
    }

    /// Loads what is newer than the highest number seen, then follows again. One at a time.
    pub(in super::super) fn catch_up(self) {
        if self.pace.try_update_value(Pace::ask) != Some(true) {
            return;
        }
        if !self.fresh.get_value() {
            if !self.loading.get_untracked() {
                in_background(|| self.reload());
            }
            return self.rest();
        }
        let turn = self.turn.get_value();
        // Read before the page: what the stream brings meanwhile must not hide what the page has.
        let seen = self.seen.get_value();
        let answer = self
            .query
            .with_value(|query| in_background(|| self.api.requests(query, None)));
        self.scope.spawn(async move {
            let answer = answer.await;
            self.rest();
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => self.join(page, seen),
                // `follow_session` goes on.
                Err(ApiError::SignedOut) => self.close(),
                // The connection may be back later.
                Err(_) => {
                    self.close();
                    set_timeout(move || self.reopen(), REREAD);
                }
            }
        });
    }

    /// Lets the next catch-up begin after a rest.
    fn rest(self) {
        set_timeout(
            move || {
                if self.pace.try_update_value(Pace::wake) == Some(true) {
                    self.reopen();
                }
            },
            REST,
        );
    }

    /// Adds what a page has after the number that was seen when it was asked for.
    fn join(self, page: RequestsPage, seen: i64) {
        self.flush();
        let paused = self.paused.try_get_untracked() == Some(true);
        let fits = fit(&page.items, page.next_cursor.is_none(), seen);
        match (fits, paused) {
            (Fit::Gap, false) => {
                self.begin(page);
                return;
            }
            (Fit::Gap, true) => self.gap.set(true),
            (Fit::Adjoins, _) => {}
        }
        self.note_agents(&page.items);
        self.log.set(Some(page.log));
        self.seen
            .update_value(|seen| *seen = page.latest.max(*seen));
        self.take(newer_than(page.items, seen));
        self.follow();
    }
}
