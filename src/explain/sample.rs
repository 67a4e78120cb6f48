//! An agent and a routing table for the tests of this module.

use waypost_routing::builtin_catalog::builtin;
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

/// The agent of the routing crate's fixture.
pub(super) const AGENT: &str =
    include_str!("../../crates/routing/tests/fixtures/passthrough/agent.yaml");

/// The built-in providers and the source of that agent, with a key for it.
pub(super) fn table() -> RoutingTable {
    let text = include_str!("../../crates/routing/tests/fixtures/passthrough/snapshot.json");
    let mut snapshot: Snapshot = serde_json::from_str(text).expect("a snapshot");
    snapshot.providers = builtin();
    let grant = "EU_KEY@https://eu.example".parse().unwrap();
    snapshot.environment.grants.push(grant);
    RoutingTable::new(snapshot)
}
