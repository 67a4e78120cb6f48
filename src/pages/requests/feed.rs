//! The requests, newest first: a page at a time into the past, and live as they end.

use super::following::Following;
use super::pace::Pace;
use super::rows::{Fit, MOST, Rows, fit, is_unread, newer_than, passes, put_after, put_before};
use crate::api::types::{RequestItem, RequestLogState, RequestLogStatus, RequestsPage};
use crate::api::{Api, ApiError, LiveEvent, LiveRequests, RequestQuery, in_background, use_api};
use crate::dom;
use crate::format::count;
use crate::state::{Announcer, use_announcer, use_session};
use crate::task::Scope;
use leptos::ev;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// How long arrivals are gathered, so that a burst is drawn once.
const GATHER: Duration = Duration::from_millis(150);

/// The pause before a stream that has ended is opened again.
const REOPEN: Duration = Duration::from_secs(3);

/// The rest after a catch-up, so that a busy log is not read all the time.
const REST: Duration = Duration::from_secs(3);

/// The first page is empty while the log does not work. `LogNotice` says why.
const UNREAD: &str = "No requests could be read from the log.";

/// The requests that are loaded so far.
#[derive(Clone, Copy)]
pub(super) struct Feed {
    /// The requests, newest first.
    pub(super) items: RwSignal<Rows>,
    /// The cursor of the next page; `None` on the last one.
    pub(super) next: RwSignal<Option<String>>,
    /// Whether the first page is loaded.
    pub(super) loaded: RwSignal<bool>,
    /// Whether a page is loading.
    pub(super) loading: RwSignal<bool>,
    /// Why the last page could not be loaded.
    pub(super) error: RwSignal<Option<String>>,
    /// Whether requests are being recorded.
    pub(super) log: RwSignal<Option<RequestLogStatus>>,
    /// The agents of the requests seen so far, by name.
    pub(super) agents: RwSignal<Vec<String>>,
    /// Whether the reader has paused it.
    pub(super) paused: RwSignal<bool>,
    /// What arrived since it was paused, newest first.
    waiting: RwSignal<Rows>,
    /// Whether requests between `waiting` and `items` are missing.
    gap: RwSignal<bool>,
    connected: RwSignal<bool>,
    /// What arrived and is not drawn yet.
    arrived: StoredValue<Rows>,
    /// The highest number seen.
    seen: StoredValue<i64>,
    stream: StoredValue<Option<LiveRequests>, LocalStorage>,
    query: StoredValue<RequestQuery>,
    /// Whether the rows are those of `query`: not before its first page is there.
    fresh: StoredValue<bool>,
    /// Whether an older page is loading. What arrives waits for it.
    older: StoredValue<bool>,
    pace: StoredValue<Pace>,
    /// Numbers the lists, so that a slow answer to an earlier filter is not shown.
    turn: StoredValue<u32>,
    api: Api,
    announcer: Announcer,
    scope: Scope,
}

impl Feed {
    /// No requests yet.
    pub(super) fn new() -> Self {
        Self {
            items: RwSignal::new(Rows::new()),
            next: RwSignal::new(None),
            loaded: RwSignal::new(false),
            loading: RwSignal::new(false),
            error: RwSignal::new(None),
            log: RwSignal::new(None),
            agents: RwSignal::new(Vec::new()),
            paused: RwSignal::new(false),
            waiting: RwSignal::new(Rows::new()),
            gap: RwSignal::new(false),
            connected: RwSignal::new(false),
            arrived: StoredValue::new(Rows::new()),
            seen: StoredValue::new(0),
            stream: StoredValue::new_local(None),
            query: StoredValue::new(RequestQuery::default()),
            fresh: StoredValue::new(false),
            older: StoredValue::new(false),
            pace: StoredValue::new(Pace::default()),
            turn: StoredValue::new(0),
            api: use_api(),
            announcer: use_announcer(),
            scope: Scope::current(),
        }
    }

    /// Loads the first page of other requests, then follows them. Those shown stay until it is there.
    pub(super) fn restart(self, query: RequestQuery) {
        self.query.set_value(query);
        self.fresh.set_value(false);
        self.turn.update_value(|turn| *turn += 1);
        self.stop();
        self.next.set(None);
        self.load(None);
    }

    /// Loads the next page, or the first one again if that failed.
    pub(super) fn more(self) {
        if !self.loading.get_untracked() {
            self.load(self.next.get_untracked());
        }
    }

    /// Loads the first page again.
    pub(super) fn reload(self) {
        self.restart(self.query.get_value());
    }

    /// Whether the list follows what happens.
    pub(super) fn following(self) -> Following {
        let (paused, connected) = (self.paused.get(), self.connected.get());
        self.log
            .with(|log| Following::of(log.as_ref(), paused, connected))
    }

    /// How many requests wait while it is paused, and whether there are more.
    pub(super) fn waiting_count(self) -> (u64, bool) {
        (self.waiting.with(Vec::len) as u64, self.gap.get())
    }

    /// Pauses it, or shows what has arrived since.
    pub(super) fn toggle(self) {
        let was_paused = self.paused.get_untracked();
        self.paused.set(!was_paused);
        if !was_paused {
            return;
        }
        if self.gap.get_untracked() {
            return self.reload();
        }
        let waiting = self.waiting.try_update(std::mem::take).unwrap_or_default();
        let number = waiting.len() as u64;
        self.show(waiting);
        self.announcer
            .say(format!("{}.", count(number, "new request", "new requests")));
    }

    /// Closes the stream while the tab is hidden, and catches up when it is shown again.
    pub(super) fn rest_while_hidden(self) {
        let changed = window_event_listener(ev::visibilitychange, move |_| {
            if !dom::visible() {
                self.close();
            } else {
                self.catch_up();
            }
        });
        on_cleanup(move || changed.remove());
    }

    /// Catches up after a new sign-in.
    pub(super) fn follow_session(self) {
        let signed_in = use_session().signed_in();
        Effect::new(move |before: Option<bool>| {
            let now = signed_in.get();
            if before == Some(false) && now {
                untrack(|| self.catch_up());
            }
            now
        });
    }

    /// Forgets what belongs to another filter.
    fn stop(self) {
        self.close();
        self.waiting.set(Rows::new());
        self.gap.set(false);
        self.arrived.set_value(Rows::new());
    }

    fn close(self) {
        self.stream.try_set_value(None);
        self.connected.try_set(false);
    }

    fn load(self, cursor: Option<String>) {
        let turn = self.turn.get_value();
        self.loading.set(true);
        self.older.set_value(cursor.is_some());
        let answer = self
            .query
            .with_value(|query| self.api.requests(query, cursor.as_deref()));
        self.scope.spawn(async move {
            let answer = answer.await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.loading.set(false);
            self.older.set_value(false);
            match (answer, cursor) {
                (Err(problem), _) => self.error.set(Some(problem.message())),
                (Ok(page), Some(cursor)) => self.append(page, &cursor),
                (Ok(page), None) => self.begin_anew(page),
            }
            self.draw_arrived();
        });
    }

    /// Shows the first page that was asked for, and announces what took the place of another.
    fn begin_anew(self, page: RequestsPage) {
        let number = page.items.len() as u64;
        let more = page.next_cursor.as_ref().map_or("", |_| " or more");
        let was_loaded = self.loaded.get_untracked();
        if self.begin(page) && was_loaded && !self.paused.get_untracked() {
            let requests = count(number, "request", "requests");
            self.announcer.say(format!("{requests}{more}."));
        }
    }

    /// Shows the first page, and follows what comes after it. Returns whether there was one: a log
    /// that cannot be read leaves the rows as they are.
    fn begin(self, page: RequestsPage) -> bool {
        let is_unread = is_unread(&page);
        self.log.set(Some(page.log));
        if is_unread {
            self.error.set(Some(UNREAD.to_owned()));
        } else {
            self.note_agents(&page.items);
            self.error.set(None);
            self.seen.set_value(page.latest);
            self.next.set(page.next_cursor);
            self.items
                .set(page.items.into_iter().map(Arc::new).collect());
            self.fresh.set_value(true);
            self.loaded.set(true);
        }
        self.follow();
        !is_unread
    }

    /// Shows an older page, unless the list ends elsewhere than when it was asked for.
    fn append(self, page: RequestsPage, asked: &str) {
        let next = self.next.get_untracked();
        if next.as_deref() != Some(asked) {
            // After what is shown now, this page would leave a hole.
            if next.is_some() {
                self.load(next);
            }
            return;
        }
        if is_unread(&page) {
            self.log.set(Some(page.log));
            return self.error.set(Some(UNREAD.to_owned()));
        }
        self.error.set(None);
        self.note_agents(&page.items);
        let number = page.items.len() as u64;
        self.announcer.say(format!(
            "{}.",
            count(number, "older request", "older requests")
        ));
        self.next.set(page.next_cursor);
        let pushed_out = self
            .items
            .try_update(|items| put_after(items, page.items))
            .unwrap_or_default();
        if pushed_out {
            // The newest are not in the page any more: Resume begins with them again.
            self.paused.set(true);
            self.gap.set(true);
        }
    }

    /// Opens the stream of what comes after the highest number seen.
    fn follow(self) {
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
                set_timeout(move || self.reopen(), REOPEN);
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
    fn draw_arrived(self) {
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

    fn show(self, newer: Rows) {
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
    fn catch_up(self) {
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
                // As for a stream that has ended: the connection may be back later.
                Err(_) => self.hear(LiveEvent::Ended),
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

    fn note_agents<'a>(self, requests: impl IntoIterator<Item = &'a RequestItem>) {
        let mut known = self.agents.try_get_untracked().unwrap_or_default();
        let before = known.len();
        for agent in requests.into_iter().filter_map(|item| item.agent.as_ref()) {
            if let Err(place) = known.binary_search(agent) {
                known.insert(place, agent.clone());
            }
        }
        if known.len() > before {
            self.agents.set(known);
        }
    }
}
