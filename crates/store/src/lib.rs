//! The database of a workspace: one contract, [`Store`] and its [`Transaction`], with SQLite
//! and PostgreSQL behind it.
//!
//! [`RequestLog`] is a contract apart: what is recorded of requests is in a file or schema that no edit
//! waits for.
//!
//! A change, its audit row and the new version of what it changes are written in one transaction.
//! Nothing outside this crate names a SQL dialect or a database library.

mod agent_id;
mod agents;
mod audit;
mod configuration;
mod database_description;
mod deleted_rows;
mod error;
mod generation;
mod item;
mod models;
mod outcomes;
#[cfg(feature = "test-support")]
pub mod paused_store;
pub mod postgres;
mod request_log;
mod routing_rows;
mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod sqlite;
mod store;
mod token_hash;
mod tokens;
mod transaction;
mod verifications;

pub use agents::{AgentChanges, ChangedAgent, StoredAgent};
pub use audit::{Actor, AuditFilter, AuditRow, AuditWord, ChangedValue};
pub use configuration::{Configuration, StoredProvider, StoredSettings, StoredSource};
pub use database_description::DatabaseDescription;
pub use deleted_rows::DeletedRows;
pub use error::{StoreError, StoreErrorKind};
pub use generation::Generation;
pub use item::Item;
pub use models::{Merged, ModelMetadata, ModelsFilter, ModelsSort, Position, StoredModel};
pub use outcomes::{Call, Outcomes, OwnerRows, StoredCounts, StoredOutcome};
pub use request_log::{
    Histogram, LogFilter, LogPage, LoggedAttempt, LoggedRequest, LoggedRoute, NewRecord, RequestId,
    RequestLog, Retention, StoredRecord, TrafficRow,
};
pub use routing_rows::{RoutingChanges, RoutingRows};
pub use secrets::{ExpectedValue, SecretRow};
pub use store::Store;
pub use token_hash::{TokenHash, token_hash};
pub use tokens::{TokenOwner, TokenRow};
pub use transaction::Transaction;
pub use verifications::{CredentialCheck, StoredVerification, Verifications};
