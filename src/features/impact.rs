//! The impact of a change before it is made: which agents it affects, and the confirmation that
//! lost routes and failing expectations need.
//!
//! The same rule applies everywhere. The button shows how many agents the change affects. It is
//! disabled while that is being checked, and until lost routes and failing expectations are
//! confirmed. If the check fails, the button works without a number and the reason is shown beside
//! it.

mod confirm;
mod section;

pub(crate) use confirm::{ChangeButton, ConfirmChange};
pub(crate) use section::{ImpactSection, ImpactStatus};

use crate::dom;
use crate::explain::AffectedAgents;
use crate::format::{count, thousands};
use crate::state::{Announcer, Cached, SharedTable, use_routing_table, use_workspace};
use leptos::prelude::*;
use section::losses_text;
use std::sync::Arc;
use waypost_routing::resolution::Outcome;
use waypost_routing::scenario::{Scenario, ScenarioChange};
use waypost_routing::snapshot::Snapshot;

/// The snapshot after the change; `None` while the change cannot be made.
type SnapshotChange = Arc<dyn Fn(&Snapshot) -> Option<Snapshot> + Send + Sync>;

/// The routing tables before and after a change, and the agents it affects.
#[derive(Clone, PartialEq)]
struct Comparison {
    before: SharedTable,
    after: SharedTable,
    affected: Arc<AffectedAgents>,
}

/// What has to be confirmed: how many routes are lost, and how many expectations will fail.
type Losses = (usize, usize);

/// The impact of a change, computed when it is read. Copies share it.
#[derive(Clone, Copy)]
pub(crate) struct Impact {
    /// Whether there is a change that could be made.
    wanted: Signal<bool>,
    snapshot: Cached<Snapshot>,
    before: Memo<Option<SharedTable>>,
    known: Memo<Option<Comparison>>,
    /// The losses that were confirmed. Other losses need another confirmation.
    confirmed: RwSignal<Losses>,
}

impl Impact {
    /// The impact of going from one routing table to another.
    pub(crate) fn between(
        before: Memo<Option<SharedTable>>,
        after: Signal<Option<SharedTable>>,
    ) -> Self {
        let known = Memo::new(move |_| {
            let (before, after) = (before.get()?, after.get()?);
            let affected = AffectedAgents::between(before.table(), after.table());
            Some(Comparison {
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

    /// The impact of a change, given as a function of the snapshot.
    pub(crate) fn after(made: SnapshotChange) -> Self {
        let before = use_routing_table();
        let after = Signal::derive(move || {
            let before = before.get()?;
            Some(before.changed(made(before.snapshot())?))
        });
        Self::between(before, after)
    }

    /// The impact of scenario changes.
    pub(crate) fn of(changes: Signal<Vec<ScenarioChange>>) -> Self {
        Self::after(Arc::new(move |snapshot| {
            let changes = changes.get();
            Some(Scenario { changes }.apply(snapshot))
        }))
    }

    /// Limits it to while a form can be saved: until then the impact is not needed.
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

    /// Whether the affected agents are known.
    fn is_known(self) -> bool {
        self.known.with(Option::is_some)
    }

    /// Whether any agent is affected.
    pub(crate) fn any(self) -> bool {
        self.ask(|affected| affected.agents > 0).unwrap_or_default()
    }

    /// Whether a change needs a confirmation: an agent is affected, or it is unknown whether one
    /// is.
    pub(crate) fn asks(self) -> bool {
        self.before.with(Option::is_none) || self.reading() || self.any()
    }

    /// Whether the affected agents are being checked, or checked again after another change.
    pub(crate) fn reading(self) -> bool {
        self.wanted.get()
            && self.snapshot.error().is_none()
            && (self.before.with(Option::is_none) || self.snapshot.loading())
    }

    fn losses(self) -> Losses {
        self.ask(|affected| (affected.unroutable, affected.broken))
            .unwrap_or_default()
    }

    /// Whether routes are lost or expectations will fail.
    pub(crate) fn has_losses(self) -> bool {
        self.losses() != (0, 0)
    }

    /// Whether the losses are not confirmed yet.
    pub(crate) fn unconfirmed(self) -> bool {
        let losses = self.losses();
        losses != (0, 0) && losses != self.confirmed.get()
    }

    /// Whether the change has to wait for the check, or for the confirmation of its losses.
    pub(crate) fn held(self) -> bool {
        self.reading() || self.unconfirmed()
    }

    /// As [`Impact::held`], when the button is pressed: announces why it waits and focuses the
    /// confirmation.
    pub(crate) fn refuses(self, announcer: Announcer) -> bool {
        let (held, losses) = untrack(|| (self.held(), self.losses()));
        if held && losses == (0, 0) {
            announcer.say("Still checking which agents are affected. Try again in a moment.");
        } else if held {
            announcer.say(
                [
                    "Confirm first: tick \"I understand that ",
                    &losses_text(losses),
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

    /// The agents among these whose route stays as it is, each with whether it has one; `None` while
    /// that is not known.
    pub(crate) fn unaffected(self, agents: &[&str]) -> Option<Vec<(String, bool)>> {
        self.known.with(|known| {
            let known = known.as_ref()?;
            let changes = &known.affected.changes;
            let mut rest = agents.to_vec();
            rest.retain(|name| !changes.iter().any(|change| change.agent == *name));
            let rest = rest.into_iter().filter_map(|name| {
                let agent = known.after.table().agent(name)?;
                let resolution = known.after.resolve_untraced(agent, None);
                Some((name.to_owned(), resolution.outcome == Outcome::Routed))
            });
            Some(rest.collect())
        })
    }

    /// The label of the button that makes the change: `Delete · 3 agents`.
    pub(crate) fn action(self, text: impl Into<Signal<String>>) -> Signal<String> {
        self.action_in(text, None)
    }

    /// As [`Impact::action`], with how many agents are edited where that is not how many are
    /// affected.
    fn action_in(
        self,
        text: impl Into<Signal<String>>,
        edited: Option<Signal<usize>>,
    ) -> Signal<String> {
        let text = text.into();
        Signal::derive(move || {
            let text = text.get();
            let number = match edited {
                Some(edited) => Some(edited.get()),
                None => self.ask(|affected| affected.agents),
            };
            match number {
                None | Some(0) => text,
                Some(agents) => [&*text, " · ", &count(agents as u64, "agent", "agents")].concat(),
            }
        })
    }
}
