//! The guarded client: the only way out of the control plane.
//!
//! A base URL is what an administrator typed, what a file says, or what a hostile model server
//! answered, so every call is treated as one that someone else chose. Of each call it is checked
//! which address it goes to, at the moment of connecting; nothing is followed, no proxy of the
//! environment is used, and time and size are bounded. No other module of this crate names the
//! HTTP library, so that there is no second, unguarded way.

mod address;
mod client;
mod failure;
mod limits;
mod policy;
mod resolver;
mod target;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod upstream;

pub use client::Outbound;
pub(crate) use client::{Answer, Session};
pub(crate) use failure::CallFailure;
