//! Tests of forwarding over real sockets to upstreams that follow a script.

mod abuse;
mod disconnects;
mod fallback;
mod faults;
pub(crate) mod fixture;
mod limits;
mod on_the_wire;
mod records;
mod streams;
