//! The routing table in the browser.

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
use waypost_routing::used_by::UsedBy;

/// A shared routing table, built once for each snapshot.
#[derive(Clone)]
pub struct SharedTable(Arc<RoutingTable>);

impl PartialEq for SharedTable {
    /// Equal means identical: each snapshot makes a new table.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl SharedTable {
    /// The table of a snapshot.
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

    /// As [`SharedTable::resolve_agent`] for chat completions, without a trace: for many at once.
    #[must_use]
    pub fn resolve_untraced(&self, agent: &Agent, subagent: Option<&str>) -> Resolution {
        let request = Request::of_agent(agent, subagent, Operation::default());
        resolve(&self.0, &request.without_trace())
    }

    /// A table of another snapshot with the same agents.
    #[must_use]
    pub fn changed(&self, snapshot: Snapshot) -> Self {
        Self(Arc::new(self.0.changed(snapshot)))
    }

    /// The same table without some of its agents.
    #[must_use]
    pub fn without_agents(&self, names: &[String]) -> Self {
        let all = RoutingTable::clone(&self.0);
        let others = names
            .iter()
            .fold(all, |table, name| table.without_agent(name));
        Self(Arc::new(others))
    }

    /// An agent that takes the place of the stored one of this name. It keeps what is stored beside
    /// the document: the id, which its own gateway keys are stored under, and the private origins that
    /// were allowed.
    #[must_use]
    pub fn in_place_of(&self, agent: Agent, name: &str) -> Agent {
        let stored = self.0.agent(name);
        Agent {
            id: stored.map(|agent| agent.id.clone()).unwrap_or_default(),
            allow_private: stored
                .map(|agent| agent.allow_private.clone())
                .unwrap_or_default(),
            ..agent
        }
    }

    /// The same table with these agents, which replace those of their names.
    #[must_use]
    pub fn with_agents(&self, agents: &[Agent]) -> Self {
        let all = RoutingTable::clone(&self.0);
        let table = agents
            .iter()
            .map(|agent| self.in_place_of(agent.clone(), &agent.name))
            .fold(all, |table, agent| table.with_agent(agent));
        Self(Arc::new(table))
    }

    /// The table itself.
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

/// Which agents use what, indexed once for each table.
#[derive(Clone)]
pub struct SharedUsedBy(Arc<UsedBy>);

impl PartialEq for SharedUsedBy {
    /// Equal means identical: each table makes a new index.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl SharedUsedBy {
    /// The index.
    #[must_use]
    pub fn get(&self) -> &UsedBy {
        &self.0
    }
}

/// The table of the current snapshot. Built on first use, so that pages without routes do without.
#[derive(Clone, Copy)]
pub struct RoutingTables {
    owner: StoredValue<Owner>,
    table: StoredValue<Option<Memo<Option<SharedTable>>>>,
    used_by: StoredValue<Option<Memo<Option<SharedUsedBy>>>>,
}

impl RoutingTables {
    /// No table yet. What is built later lives as long as the caller.
    #[must_use]
    pub fn new() -> Self {
        Self {
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
            table: StoredValue::new(None),
            used_by: StoredValue::new(None),
        }
    }
}

impl Default for RoutingTables {
    fn default() -> Self {
        Self::new()
    }
}

/// The table of the current snapshot; `None` until that is loaded.
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
            // After the page is drawn, so that the first impact is as fast as later ones.
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

/// Which agents use what, by the table of the current snapshot; `None` until that is loaded.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_used_by() -> Memo<Option<SharedUsedBy>> {
    let tables: RoutingTables = use_context().expect("the app provides the routing table");
    if let Some(used_by) = tables.used_by.get_value() {
        return used_by;
    }
    let table = use_routing_table();
    let used_by = tables.owner.with_value(|owner| {
        owner.with(|| {
            Memo::new(move |_| {
                let table = table.get()?;
                Some(SharedUsedBy(Arc::new(UsedBy::new(table.table()))))
            })
        })
    });
    tables.used_by.set_value(Some(used_by));
    used_by
}
