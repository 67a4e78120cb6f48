//! The routing table that requests share while it is replaced.

use crate::routing_table::RoutingTable;
use arc_swap::ArcSwap;
use std::fmt;
use std::sync::Arc;

/// The current routing table behind an atomic pointer. Reading takes no lock; a request that loads
/// the table once keeps it, whatever is stored meanwhile.
pub struct RoutingHandle(ArcSwap<RoutingTable>);

impl RoutingHandle {
    /// A handle whose current table is this one.
    #[must_use]
    pub fn new(table: RoutingTable) -> Self {
        Self(ArcSwap::from_pointee(table))
    }

    /// The current table.
    #[must_use]
    pub fn load(&self) -> Arc<RoutingTable> {
        self.0.load_full()
    }

    /// Makes a table the current one. Every later [`RoutingHandle::load`] gives it.
    ///
    /// Writers that change what they load must take turns, or use [`RoutingHandle::update`].
    pub fn store(&self, table: RoutingTable) {
        self.0.store(Arc::new(table));
    }

    /// Replaces the current table by what `change` makes of it. Where another writer is faster,
    /// `change` runs again on that writer's table, so that no update is lost.
    pub fn update(&self, mut change: impl FnMut(&RoutingTable) -> RoutingTable) {
        self.0.rcu(|table| change(table));
    }
}

impl fmt::Debug for RoutingHandle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RoutingHandle")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Agent;
    use crate::snapshot::Snapshot;

    fn agent(name: String) -> Agent {
        Agent {
            name,
            ..Agent::default()
        }
    }

    #[test]
    fn a_loaded_table_stays_as_it_is() {
        let handle = RoutingHandle::new(RoutingTable::new(Snapshot::default()));
        let pinned = handle.load();
        handle.store(pinned.with_agent(agent("a".into())));
        assert!(pinned.agent("a").is_none());
        assert!(handle.load().agent("a").is_some());
    }

    #[test]
    fn no_update_is_lost() {
        let handle = RoutingHandle::new(RoutingTable::new(Snapshot::default()));
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let handle = &handle;
                scope.spawn(move || {
                    for number in 0..50 {
                        let name = format!("{writer}-{number}");
                        handle.update(|table| table.with_agent(agent(name.clone())));
                    }
                });
            }
        });
        assert_eq!(handle.load().agents().len(), 200);
    }
}
