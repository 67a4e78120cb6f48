//! The resolver: from a model ref to the request that it becomes, and why.
//!
//! Five rules are tried in order and the first that holds decides. [`plan`] makes the decision
//! without a word; a [`Resolution`] is rendered from the plan, so that what is shown is what is
//! decided. Both are total: whatever the ref and whatever the routing table, there is an answer,
//! and a rejected ref keeps as much of its route as is known.

mod allow;
mod compare;
mod context;
mod delivery;
mod destination;
mod down;
mod fallback;
mod passthrough;
mod plan;
mod reason;
mod render;
mod request;
mod rules;
mod trace;
mod verdict;

pub use compare::ChangeKind;
pub(crate) use compare::difference;
pub use fallback::{FALLBACK_STATUSES, FallbackUse, PrimaryFailure, fallback_use};
pub use passthrough::{PassthroughModel, passthrough_models};
pub use plan::{Plan, plan};
pub use request::{Request, split_scope};

use crate::resolution::Resolution;
use crate::routing_table::RoutingTable;

/// Says where a request would go, in words.
#[must_use]
pub fn resolve(table: &RoutingTable, request: &Request<'_>) -> Resolution {
    plan(table, request).resolution()
}

#[cfg(test)]
mod tests;
