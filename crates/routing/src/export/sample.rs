//! An agent and a routing table for the tests of this module.

use crate::builtin_catalog::builtin;
use crate::routing_table::RoutingTable;
use crate::snapshot::Snapshot;

/// The agent of the fixture.
pub(super) const AGENT: &str = include_str!("../../tests/fixtures/passthrough/agent.yaml");

/// The built-in providers and the source of that agent, with a key for it.
pub(super) fn table() -> RoutingTable {
    let text = include_str!("../../tests/fixtures/passthrough/snapshot.json");
    let mut snapshot: Snapshot = serde_json::from_str(text).expect("a snapshot");
    snapshot.providers = builtin();
    RoutingTable::new(snapshot)
}
