//! What a scenario takes to be out of reach.

use super::Context;
use super::route::{Destination, Target};
use crate::codes;
use crate::endpoint::Endpoint;
use crate::resolution::{Rejection, RouteKind};

/// The refusal of what goes to somebody who cannot be reached. An agent that brings an address of
/// another origin does not go there.
pub(super) fn down(
    context: &Context<'_>,
    destination: &Destination<'_>,
    endpoint: &Endpoint,
) -> Option<Rejection> {
    let table = context.table;
    let name = destination.target.name()?;
    if !table.snapshot().down.contains(name) {
        return None;
    }
    let own = match &destination.target {
        Target::Provider(_) => table.provider_endpoint(name),
        _ => table.source_endpoint(name),
    };
    let origin = |endpoint: &Endpoint| Some(endpoint.base_url.as_ref().ok()?.url.origin());
    if own.is_some_and(|own| origin(own) != origin(endpoint)) {
        return None;
    }
    let next = match destination.kind {
        RouteKind::Passthrough => {
            "A request that goes straight there is never retried by another route."
        }
        _ => "Nothing else takes the request by itself.",
    };
    Some(Rejection {
        code: codes::DOWN.to_owned(),
        message: format!("In this scenario `{name}` cannot be reached. {next}"),
        span: None,
    })
}
