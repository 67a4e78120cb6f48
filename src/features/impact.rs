//! The effect of a change while it is still a draft: whom it touches, and the question before what
//! takes a route away or breaks an expectation.
//!
//! One rule holds wherever a change is made. The button that makes it says how many agents it
//! touches. It waits as long as that is being read, and as long as nobody has said that lost routes
//! and broken expectations are meant. Where it could not be read, the button is plain and the
//! reason stands beside it.

mod confirm;
mod section;

pub(crate) use confirm::{ChangeButton, ConfirmChange};
pub(crate) use section::{ImpactSection, ImpactStatus};

use crate::dom;
use crate::explain::AffectedAgents;
use crate::format::{count, thousands};
use crate::state::{Announcer, Cached, SharedTable, use_routing_table, use_workspace};
use leptos::prelude::*;
use section::lost;
use std::sync::Arc;
use waypost_routing::scenario::{Scenario, ScenarioChange};
use waypost_routing::snapshot::Snapshot;

/// What the snapshot is once the change is made; `None` while there is none that could be made.
type Made = Arc<dyn Fn(&Snapshot) -> Option<Snapshot> + Send + Sync>;

/// The two states of the world with what differs between them.
#[derive(Clone, PartialEq)]
struct Known {
    before: SharedTable,
    after: SharedTable,
    affected: Arc<AffectedAgents>,
}

/// What has to be meant: how many routes are lost, and how many expectations will fail.
type Losses = (usize, usize);

/// The effect of a change, computed where it is looked at. Copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Impact {
    /// Whether there is a change that could be made.
    wanted: Signal<bool>,
    snapshot: Cached<Snapshot>,
    before: Memo<Option<SharedTable>>,
    known: Memo<Option<Known>>,
    /// The losses of which somebody said that they are meant. Others are another question.
    confirmed: RwSignal<Losses>,
}

impl Impact {
    /// The effect of going from one state of the world to another.
    pub(crate) fn between(
        before: Memo<Option<SharedTable>>,
        after: Signal<Option<SharedTable>>,
    ) -> Self {
        let known = Memo::new(move |_| {
            let (before, after) = (before.get()?, after.get()?);
            let affected = AffectedAgents::between(before.table(), after.table());
            Some(Known {
                before,
                after,
                affected: Arc::new(affected),
            })
        });
        Self {
            wanted: Signal::derive(|| true),
            snapshot: use_workspace().snapshot(),
            before,
            known,
            confirmed: RwSignal::new((0, 0)),
        }
    }

    /// The effect of a change that is given by what it makes of the snapshot.
    pub(crate) fn after(made: Made) -> Self {
        let before = use_routing_table();
        let after = Signal::derive(move || {
            let before = before.get()?;
            Some(before.changed(made(before.snapshot())?))
        });
        Self::between(before, after)
    }

    /// The effect of changes that a draft can say.
    pub(crate) fn of(changes: Signal<Vec<ScenarioChange>>) -> Self {
        Self::after(Arc::new(move |snapshot| {
            let changes = changes.get();
            Some(Scenario { changes }.apply(snapshot))
        }))
    }

    /// The same for a form, which is not always in a state that could be saved: as long as it is
    /// not, nothing has to be known.
    pub(crate) fn while_wanted(self, wanted: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self {
            wanted: Signal::derive(wanted),
            ..self
        }
    }

    fn ask<T>(self, ask: impl Fn(&AffectedAgents) -> T) -> Option<T> {
        self.known
            .with(|known| known.as_ref().map(|known| ask(&known.affected)))
    }

    /// Whether it is known whom the change touches, if anybody.
    fn is_known(self) -> bool {
        self.known.with(Option::is_some)
    }

    /// Whether anybody is touched.
    pub(crate) fn any(self) -> bool {
        self.ask(|affected| affected.agents > 0).unwrap_or_default()
    }

    /// Whether a change that is otherwise made at once has to be asked about: somebody is touched,
    /// or it is not known whether anybody is.
    pub(crate) fn asks(self) -> bool {
        self.before.with(Option::is_none) || self.reading() || self.any()
    }

    /// Whether it is still being read whom the change touches, or read again after another change.
    pub(crate) fn reading(self) -> bool {
        self.wanted.get()
            && self.snapshot.error().is_none()
            && (self.before.with(Option::is_none) || self.snapshot.loading())
    }

    fn losses(self) -> Losses {
        self.ask(|affected| (affected.unroutable, affected.broken))
            .unwrap_or_default()
    }

    /// Whether somebody has yet to say that the losses are meant.
    fn unconfirmed(self) -> bool {
        let losses = self.losses();
        losses != (0, 0) && losses != self.confirmed.get()
    }

    /// Whether the change has to wait: until it is read whom it touches, or until somebody says
    /// that lost routes and broken expectations are meant.
    pub(crate) fn held(self) -> bool {
        self.reading() || self.unconfirmed()
    }

    /// As [`Impact::held`], where the change is to be made now: says why it waits, and leads to
    /// what can be done about it.
    pub(crate) fn refuses(self, announcer: Announcer) -> bool {
        let (held, losses) = untrack(|| (self.held(), self.losses()));
        if held && losses == (0, 0) {
            announcer.say("Still checking which agents are affected. Try again in a moment.");
        } else if held {
            announcer.say(
                [
                    "Confirm first: tick \"I understand that ",
                    &lost(losses),
                    ".\"",
                ]
                .concat(),
            );
            dom::focus(".impact-confirm input");
        }
        held
    }

    /// How many agents are affected: `Affects 3 of 12 agents`.
    pub(crate) fn words(self) -> Option<String> {
        self.ask(|affected| match (affected.agents, affected.of) {
            (_, 0) => "No agents yet.".to_owned(),
            (0, _) => "Affects no agents".to_owned(),
            (agents, of) => [
                "Affects ",
                &*thousands(agents as u64),
                " of ",
                &count(of as u64, "agent", "agents"),
            ]
            .concat(),
        })
    }

    /// What the button says that makes the change: `Delete · 3 agents`.
    pub(crate) fn action(self, text: impl Into<Signal<String>>) -> Signal<String> {
        let text = text.into();
        Signal::derive(move || {
            let text = text.get();
            match self.ask(|affected| affected.agents) {
                None | Some(0) => text,
                Some(agents) => [&*text, " · ", &count(agents as u64, "agent", "agents")].concat(),
            }
        })
    }
}
