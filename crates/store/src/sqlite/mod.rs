//! SQLite: the file `waypost.db` in the data directory, and `requests.db` for the request log. Each
//! module owns the statements of one subject.

mod agents;
mod audit;
mod configuration;
mod connections;
mod deleted_rows;
mod error;
mod file_names;
mod links;
mod meta;
mod models;
mod names;
mod new_models;
mod open;
mod outcomes;
mod previous_keys;
mod providers;
mod request_log;
mod routing_rows;
mod sample;
mod secrets;
mod sessions;
mod settings;
mod sources;
mod store;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;
mod tokens;
mod transaction;
mod verifications;
mod versions;

#[cfg(test)]
mod tests;

pub use file_names::{FILE_NAME, REQUEST_LOG_FILE};
pub use open::{open, open_current};
pub use request_log::SqliteRequestLog;
pub use store::SqliteStore;
