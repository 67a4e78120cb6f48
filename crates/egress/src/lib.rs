//! The guarded HTTP client: the only way out of Waypost.
//!
//! A base URL is what an administrator typed, what a file says, or what a hostile model server
//! answered, so every call is treated as if an attacker had chosen its target. [`Egress`] checks
//! each address at the moment of connecting, follows no redirect, uses no proxy from the
//! environment, and bounds time and size. [`OriginClient`] carries the headers of one origin and
//! cannot leave it.
//!
//! Invariant: no other crate names an HTTP client, so there is no second, unguarded way.

mod address_kind;
mod address_policy;
mod client;
#[cfg(any(test, feature = "test-support"))]
mod dial_count;
mod failure;
mod limits;
mod resolver;
mod target;

#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
#[cfg(test)]
mod tests;

pub use client::{Answer, Egress, OriginClient};
pub use failure::{CallFailure, FailureKind};
