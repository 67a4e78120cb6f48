//! Destinations that a scenario takes down.

use super::destination::Target;
use crate::endpoint::Endpoint;
use crate::routing_table::RoutingTable;

/// Whether a request cannot reach its destination. An agent that brings an address of another
/// origin does not go there.
pub(super) fn is_down(table: &RoutingTable, target: &Target<'_>, endpoint: &Endpoint) -> bool {
    let down = &table.snapshot().down;
    if down.is_empty() || !target.name().is_some_and(|name| down.contains(name)) {
        return false;
    }
    let own = match target {
        Target::Provider(provider) => &provider.endpoint,
        Target::Source { source, .. } => &source.endpoint,
        Target::UnknownSource { .. } | Target::Address(_) => return true,
    };
    origin(own) == origin(endpoint)
}

fn origin(endpoint: &Endpoint) -> Option<&str> {
    Some(endpoint.base_url.as_ref().ok()?.url.origin_str())
}
