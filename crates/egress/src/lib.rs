//! The guarded HTTP client: the only way out of Waypost.
//!
//! A base URL is what an administrator typed, what a file says, or what a hostile model server
//! answered, so every call is treated as if an attacker had chosen its target. [`Egress`] checks
//! each address at the moment of connecting, follows no redirect, uses no proxy from the
//! environment, and bounds time and size. [`OriginClient`] carries the headers of one origin and
//! cannot leave it; [`UpstreamPool`] keeps connections for forwarded requests, behind the same checks;
//! [`ServiceClient`] calls the one service that an operator option names, and the SDK of AWS gets its
//! HTTP from here.
//!
//! Invariant: no other crate names an HTTP client, so there is no second, unguarded way.

mod address_kind;
mod address_policy;
mod aws_client;
mod client;
mod connector;
mod dialler;
mod egress_proxy;
mod failure;
mod http2;
mod limits;
mod open_connections;
mod request_body;
mod resolver;
mod response_body;
mod service_client;
mod target;
mod tls;
mod tracked_stream;
mod upstream_pool;

#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
#[cfg(test)]
mod tests;

pub use client::{Answer, Egress, OriginClient};
pub use egress_proxy::EgressProxy;
pub use failure::{CallFailure, FailureKind};
pub use request_body::RequestBody;
pub use response_body::{BrokenOff, ResponseBody};
pub use service_client::{ServiceClient, ServiceSettings};
pub use tracked_stream::OpenedIn;
pub use upstream_pool::{Access, OutgoingRequest, PoolLimits, UpstreamPool};
