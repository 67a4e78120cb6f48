//! The workspace on a real database, real secrets in an encrypted file, and real servers.

mod agent_keys;
mod agents;
mod concurrent;
mod faults;
pub(crate) mod fixture;
mod interleaved;
mod keys;
mod model_refresh;
mod models;
mod one_edit;
mod origin;
mod providers;
mod routing_table;
mod sequences;
mod sources;
mod staged_keys;
mod undo;
mod upstream;
mod vectors;
mod versions;
