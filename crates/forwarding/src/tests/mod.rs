//! Tests of forwarding over real sockets to upstreams that follow a script.

mod abuse;
mod disconnects;
mod fallback;
pub(crate) mod fixture;
mod on_the_wire;
mod streams;
