//! The routing table of rows, for a command that opens no workspace.

use super::routing_table::{changed_agents, note_variables};
use super::state::WorkspaceState;
use crate::catalog::environment::Environment;
use crate::catalog::file::{FileLayer, ProvidersPath};
use crate::store::{RoutingRows, SecretRow};
use std::collections::BTreeMap;
use std::sync::Arc;
use waypost_routing::routing_table::{AgentSet, RoutingTable};
use waypost_routing::snapshot::SecretStates;

/// The routing table that rows make with a providers file and an environment. Each secret that is
/// recorded counts as stored: no backend is asked. Must be called inside a tokio runtime.
pub(crate) fn table_of_rows(
    rows: RoutingRows,
    secrets: BTreeMap<String, SecretRow>,
    providers: ProvidersPath,
    environment: &Environment,
) -> RoutingTable {
    let file = FileLayer::open(providers).state();
    let state = WorkspaceState::of(file, environment, rows.configuration, Arc::default());
    let agents = changed_agents(&AgentSet::default(), rows.agents);
    let mut snapshot = state.snapshot(rows.models);
    note_variables(environment, &agents, &mut snapshot.environment);
    let stored = secrets.into_iter().filter_map(|(name, row)| {
        let value = row.expected?;
        Some((name, value.origin))
    });
    snapshot.secrets = SecretStates {
        stored: stored.collect(),
        ..SecretStates::default()
    };
    RoutingTable::new(snapshot)
        .with_agents(agents)
        .with_generation(rows.generation.number())
}
