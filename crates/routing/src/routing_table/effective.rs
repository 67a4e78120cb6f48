//! Providers and sources of a table with their effective values.

use super::RoutingTable;
use crate::agent::Agent;
use crate::catalog::{ProviderEntry, ProviderKind};
use crate::endpoint::{Endpoint, OfAgent, provider_endpoint};
use crate::source::SourceEntry;

/// The effective entry of a provider, and its endpoint.
#[derive(Clone, Debug)]
pub struct EffectiveProvider<'t> {
    /// The effective entry.
    pub entry: &'t ProviderEntry,
    /// Where requests to it go and what they carry.
    pub endpoint: Endpoint,
}

/// The effective values of a provider; `None` for an unknown or blocked name.
#[must_use]
pub fn effective_provider<'t>(
    table: &'t RoutingTable,
    name: &str,
) -> Option<EffectiveProvider<'t>> {
    let slot = table.provider(name)?;
    Some(EffectiveProvider {
        entry: &slot.entry,
        endpoint: slot.endpoint.clone(),
    })
}

/// The endpoint of a gateway as an agent's requests reach it; `None` for an unknown or blocked name,
/// and for one that is no gateway.
#[must_use]
pub fn effective_gateway(table: &RoutingTable, agent: &Agent, name: &str) -> Option<Endpoint> {
    let slot = table.provider(name)?;
    let of_agent = OfAgent {
        block: agent.gateways.get(name),
        key_of: table.has_own_key(agent, name).then_some(&*agent.id),
    };
    let is_gateway = slot.entry.kind == ProviderKind::Gateway;
    is_gateway.then(|| provider_endpoint(table.snapshot(), slot, of_agent))
}

/// A custom source with its effective values.
#[derive(Clone, Debug)]
pub struct EffectiveSource<'t> {
    /// The source.
    pub source: &'t SourceEntry,
    /// Where requests to it go and what they carry.
    pub endpoint: Endpoint,
}

/// The effective values of a source; `None` for a slug that no source has.
#[must_use]
pub fn effective_source<'t>(table: &'t RoutingTable, slug: &str) -> Option<EffectiveSource<'t>> {
    let slot = table.source(slug)?;
    Some(EffectiveSource {
        source: &slot.entry,
        endpoint: slot.endpoint.clone(),
    })
}
