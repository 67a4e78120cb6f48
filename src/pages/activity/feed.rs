//! The events, newest first, a page at a time.

use super::words::actor_id;
use crate::api::types::AuditEvent;
use crate::api::{Api, ApiError, AuditQuery, use_api};
use crate::format::{LocalTime, actor_choice, count};
use crate::state::{Announcer, use_announcer};
use crate::task::Scope;
use leptos::prelude::*;

/// The events that are loaded so far.
#[derive(Clone, Copy)]
pub(super) struct Feed {
    /// The events, newest first.
    pub(super) events: RwSignal<Vec<AuditEvent>>,
    /// The cursor of the next page; `None` on the last one.
    pub(super) next: RwSignal<Option<String>>,
    /// Whether the first page is loaded.
    pub(super) loaded: RwSignal<bool>,
    /// Whether a page is loading.
    pub(super) loading: RwSignal<bool>,
    /// Why the last page could not be loaded.
    pub(super) error: RwSignal<Option<ApiError>>,
    /// Who is in the events seen so far: the value of the filter and the name, by name.
    pub(super) actors: RwSignal<Vec<(String, String)>>,
    /// Notified when a row has changed something, so that the events are loaded again.
    pub(super) changed: Trigger,
    query: StoredValue<AuditQuery>,
    /// Numbers the requests, so that a slow answer to an earlier filter is not shown.
    turn: StoredValue<u32>,
    api: Api,
    announcer: Announcer,
    scope: Scope,
}

impl Feed {
    /// No events yet.
    pub(super) fn new() -> Self {
        Self {
            events: RwSignal::new(Vec::new()),
            next: RwSignal::new(None),
            loaded: RwSignal::new(false),
            loading: RwSignal::new(false),
            error: RwSignal::new(None),
            actors: RwSignal::new(Vec::new()),
            changed: Trigger::new(),
            query: StoredValue::new(AuditQuery::default()),
            turn: StoredValue::new(0),
            api: use_api(),
            announcer: use_announcer(),
            scope: Scope::current(),
        }
    }

    /// Loads the first page of other events. Those shown stay until it is there.
    pub(super) fn restart(self, query: AuditQuery) {
        self.query.set_value(query);
        self.next.set(None);
        self.load(None);
    }

    /// Loads the next page, or the first one again if that failed.
    pub(super) fn more(self) {
        if !self.loading.get_untracked() {
            self.load(self.next.get_untracked());
        }
    }

    /// Whether an event is the latest one that fits.
    pub(super) fn is_latest(self, id: i64, fits: impl Fn(&AuditEvent) -> bool) -> bool {
        self.events.with(|events| {
            events
                .iter()
                .find(|event| fits(event))
                .map(|event| event.id)
        }) == Some(id)
    }

    fn load(self, cursor: Option<String>) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.loading.set(true);
        let answer = self
            .query
            .with_value(|query| self.api.audit(query, cursor.as_deref()));
        self.scope.spawn(async move {
            let answer = answer.await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.loading.set(false);
            let page = match answer {
                Ok(page) => page,
                Err(problem) => return self.error.set(Some(problem)),
            };
            self.error.set(None);
            self.remember_actors(&page.items);
            let number = page.items.len() as u64;
            if cursor.is_some() {
                self.announcer
                    .say(format!("{}.", count(number, "more event", "more events")));
                self.events.update(|events| events.extend(page.items));
            } else {
                if self.loaded.try_get_untracked() == Some(true) {
                    let more = if page.next_cursor.is_some() {
                        " or more"
                    } else {
                        ""
                    };
                    self.announcer
                        .say(format!("{}{more}.", count(number, "event", "events")));
                }
                self.events.set(page.items);
            }
            self.next.set(page.next_cursor);
            self.loaded.set(true);
        });
    }

    fn remember_actors(self, events: &[AuditEvent]) {
        let mut known = self.actors.try_get_untracked().unwrap_or_default();
        let before = known.len();
        for event in events {
            let id = actor_id(&event.actor);
            if !known.iter().any(|(other, _)| other == id) {
                known.push((id.to_owned(), actor_choice(&event.actor)));
            }
        }
        if known.len() > before {
            known.sort_by(|(_, one), (_, other)| one.cmp(other));
            self.actors.set(known);
        }
    }
}

/// The events of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// When its latest event happened.
    pub(super) time: LocalTime,
    /// Its events, newest first.
    pub(super) events: Vec<AuditEvent>,
}

/// Groups events by day, in their order.
pub(super) fn days(events: &[AuditEvent], local: impl Fn(i64) -> LocalTime) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let time = local(event.at);
        match days.last_mut() {
            Some(day) if day.time.iso_date() == time.iso_date() => day.events.push(event.clone()),
            _ => days.push(Day {
                time,
                events: vec![event.clone()],
            }),
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_grouped_by_day_in_their_order() {
        let event = |id: i64| AuditEvent {
            id,
            at: id,
            actor: "system".to_owned(),
            action: "agent.edit".to_owned(),
            target: "agent:bot".to_owned(),
            fields: Vec::new(),
            outcome: Default::default(),
            changes: Vec::new(),
        };
        let events = [event(23), event(21), event(12)];
        // Ten seconds are a day here.
        let days = days(&events, |at| LocalTime {
            day: u32::try_from(at / 10).unwrap_or_default(),
            ..LocalTime::default()
        });
        let ids: Vec<Vec<i64>> = days
            .iter()
            .map(|day| day.events.iter().map(|event| event.id).collect())
            .collect();
        assert_eq!(ids, [vec![23, 21], vec![12]]);
    }
}
