//! An agent and a routing table for the tests of this module.

use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::SourceEntry;

/// An agent that passes through as itself and as two subagents, and overrides a gateway.
pub(super) const AGENT: &str = "
name: support-bot
model: { primary: customer-alias, fallback: litellm/openai/gpt-4o, passthrough: true, source: customer }
gateways:
  openrouter:
    url: 'https://eu.example/v1'
    api_key_env: EU_KEY
    default_headers: { X-Team: 'a: b' }
    fallback_policy: fastest
subagents:
  analyst: { model: { primary: customer/child, passthrough: true, source: customer } }
  writer: { model: { primary: openrouter/moonshotai/kimi-k2 } }
  loner: { model: { primary: alone, passthrough: true, base_url: 'https://own.example/v1' } }
";

/// The built-in providers and the source of that agent, with a key for it.
pub(super) fn table() -> RoutingTable {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".to_owned(),
        providers: waypost_routing::builtin_catalog::builtin(),
        sources: vec![SourceEntry {
            slug: "customer".to_owned(),
            name: "Customer".to_owned(),
            base_url: "https://customer.example/v1".to_owned(),
            auth_header: None,
            headers: vec![waypost_routing::source::SourceHeader {
                name: "X-Tenant".to_owned(),
                value: None,
            }],
            passthrough: true,
        }],
        ..Snapshot::default()
    };
    snapshot.secrets.stored.insert(
        "sources/customer/auth-value".to_owned(),
        "https://customer.example".to_owned(),
    );
    let grant = "EU_KEY@https://eu.example".parse().unwrap();
    snapshot.environment.grants.push(grant);
    RoutingTable::new(snapshot)
}
