//! The state of the world that refs are resolved in, here in the browser.

use super::use_workspace;
use leptos::prelude::*;
use std::sync::Arc;
use std::time::Duration;
use waypost_routing::agent::Agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::Resolution;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

/// A world that was built once from a snapshot and is shared by all that resolve in it.
#[derive(Clone)]
pub struct SharedTable(Arc<RoutingTable>);

impl PartialEq for SharedTable {
    /// Two are equal when they are the same one: a new snapshot makes a new world.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl SharedTable {
    /// The world of a snapshot.
    #[must_use]
    pub fn new(snapshot: Snapshot) -> Self {
        Self(Arc::new(RoutingTable::new(snapshot)))
    }

    /// Where a request would go. Nothing is sent, not even to the control plane.
    #[must_use]
    pub fn resolve(&self, model_ref: &str, operation: Operation) -> Resolution {
        resolve(&self.0, &Request::new(model_ref, operation))
    }

    /// Where an agent's own primary, or that of one of its subagents, would go, with the fallback
    /// beside it. The agent need not be stored.
    #[must_use]
    pub fn resolve_agent(
        &self,
        agent: &Agent,
        subagent: Option<&str>,
        operation: Operation,
    ) -> Resolution {
        resolve(&self.0, &Request::of_agent(agent, subagent, operation))
    }

    /// As [`SharedTable::resolve_agent`] for chat completions, without saying why: for many at once.
    #[must_use]
    pub fn resolve_untraced(&self, agent: &Agent, subagent: Option<&str>) -> Resolution {
        let request = Request::of_agent(agent, subagent, Operation::default());
        resolve(&self.0, &request.without_trace())
    }

    /// Another state of the world with the same agents.
    #[must_use]
    pub fn changed(&self, snapshot: Snapshot) -> Self {
        Self(Arc::new(self.0.changed(snapshot)))
    }

    /// The same state of the world without some of its agents.
    #[must_use]
    pub fn without_agents(&self, names: &[String]) -> Self {
        let agents = self.0.agents().iter();
        let others = agents.filter(|agent| !names.contains(&agent.name));
        let others = others.cloned().collect();
        let same = self.0.changed(self.snapshot().clone());
        Self(Arc::new(same.with_agents(others)))
    }

    /// The world itself.
    #[must_use]
    pub fn table(&self) -> &RoutingTable {
        &self.0
    }

    /// The snapshot it was built from, without its agents.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        self.0.snapshot()
    }
}

/// The world of the snapshot, once it is read. It is built where the first who resolves asks for
/// it, so that a page that resolves nothing does without.
#[derive(Clone, Copy)]
pub struct RoutingTables {
    owner: StoredValue<Owner>,
    table: StoredValue<Option<Memo<Option<SharedTable>>>>,
}

impl RoutingTables {
    /// No world was asked for yet. What is built later lives as long as the caller.
    #[must_use]
    pub fn new() -> Self {
        Self {
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            table: StoredValue::new(None),
        }
    }
}

impl Default for RoutingTables {
    fn default() -> Self {
        Self::new()
    }
}

/// The world, built once from each snapshot for all that resolve in it.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_routing_table() -> Memo<Option<SharedTable>> {
    let tables: RoutingTables = use_context().expect("the app provides the routing table");
    if let Some(table) = tables.table.get_value() {
        return table;
    }
    let snapshot = use_workspace().snapshot();
    let table = tables.owner.with_value(|owner| {
        owner.with(|| {
            let table = Memo::new(move |_| {
                snapshot
                    .get()
                    .map(|known| SharedTable::new((*known).clone()))
            });
            // When the page stands, so that the first change is told as soon as those that follow.
            Effect::new(move |_| {
                if let Some(known) = table.get() {
                    set_timeout(
                        move || known.table().index_agents(),
                        Duration::from_millis(200),
                    );
                }
            });
            table
        })
    });
    tables.table.set_value(Some(table));
    table
}
