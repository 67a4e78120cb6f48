//! PostgreSQL: one database for the workspace and its request log, shared by every process that
//! serves it. Each module owns the statements of one subject.

mod agents;
mod audit;
mod configuration;
mod connections;
mod deleted_rows;
mod error;
mod import;
mod links;
mod meta;
mod models;
mod names;
mod new_models;
mod notifications;
mod open;
mod outcomes;
mod previous_keys;
mod providers;
mod request_log;
mod routing_rows;
mod sample;
mod savepoint;
mod secrets;
mod sessions;
mod settings;
mod sources;
mod store;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;
mod text;
mod tokens;
mod transaction;
mod url;
mod verifications;
mod versions;

#[cfg(test)]
mod tests;

pub use import::Import;
pub use open::{open, open_current};
pub use request_log::PostgresRequestLog;
pub use store::PostgresStore;
pub use url::{DatabaseUrl, InvalidDatabaseUrl};
