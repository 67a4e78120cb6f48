//! What the parts of the list share: the filter, what matches it, what is selected.

use super::filter::matching;
use super::selection::Selection;
use crate::paths::AgentsFilter;
use crate::state::{use_routing_table, use_workspace};
use leptos::prelude::*;
use std::sync::Arc;
use waypost_routing::agent_status::{AgentStatus, agent_statuses};

/// The agents that the list shows, and which of them are selected.
#[derive(Clone, Copy)]
pub(super) struct AgentList {
    /// What is shown. The address has it.
    pub(super) filter: RwSignal<AgentsFilter>,
    /// Where each agent goes, by name.
    pub(super) statuses: Memo<Arc<Vec<AgentStatus>>>,
    /// The places of the agents that match the filter.
    pub(super) found: Memo<Arc<Vec<usize>>>,
    /// The agents that are selected.
    pub(super) selection: Selection,
}

impl AgentList {
    pub(super) fn new(filter: RwSignal<AgentsFilter>) -> Self {
        let agents = use_workspace().agents();
        let table = use_routing_table();
        let statuses = Memo::new(move |_| {
            let table = table.get();
            Arc::new(table.map_or_else(Vec::new, |table| agent_statuses(table.table())))
        });
        let found = Memo::new(move |_| {
            let found = agents.with(|agents| {
                statuses.with(|statuses| filter.with(|filter| matching(agents, statuses, filter)))
            });
            Arc::new(found.unwrap_or_default())
        });
        Self {
            filter,
            statuses,
            found,
            selection: Selection::new(),
        }
    }
}
