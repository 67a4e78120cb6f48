//! What Waypost asks of the operating system: the time, and random bytes.
//!
//! It is a separate crate because the database, the secrets and the data plane need both and do
//! not know one another, and because `waypost_routing`, which all of them know, is pure.

pub mod clock;
pub mod random;
