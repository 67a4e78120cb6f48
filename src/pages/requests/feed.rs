//! The requests, newest first: a page at a time into the past, and live as they end.

mod live;

use super::feed_state::FeedState;
use super::pace::Pace;
use super::refusals::Refusals;
use super::rows::{Rows, is_unread, put_after};
use crate::api::types::{RequestItem, RequestLogStatus, RequestsPage};
use crate::api::{Api, LiveRequests, RequestQuery, use_api};
use crate::dom;
use crate::format::count;
use crate::state::{Announcer, use_announcer, use_session};
use crate::task::Scope;
use leptos::ev;
use leptos::prelude::*;
use std::sync::Arc;

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
    /// How often in a row the stream was not opened.
    refusals: RwSignal<Refusals>,
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
            refusals: RwSignal::new(Refusals::default()),
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
    pub(super) fn feed_state(self) -> FeedState {
        let (paused, connected) = (self.paused.get(), self.connected.get());
        let pause = self.refusals.get().pause_if_refused();
        self.log
            .with(|log| FeedState::of(log.as_ref(), paused, connected, pause))
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
        let changed = window_event_listener(ev::visibilitychange, move |_| match dom::visible() {
            true => self.catch_up(),
            false => self.close(),
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
