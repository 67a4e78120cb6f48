//! Waypost's control plane: serves the dashboard and its API, keeps the workspace, and talks to
//! upstreams through one guarded client.
//!
//! In reading order, from the outside in:
//!
//! * [`cli`] reads the command line; its `serve` starts the server.
//! * [`http`] is the outer half, with what requests share in `http::app`: one table of endpoints,
//!   sessions, security headers, the embedded dashboard. It translates between HTTP and the domain
//!   and decides nothing about it.
//! * [`workspace`] is the domain: every operation that the API offers, with no word of HTTP.
//!   [`catalog`] layers the providers, [`sample`] installs the sample workspace.
//! * [`request_log`] records forwarded requests beside the workspace's database, and reads them.
//! * `waypost_store` is the database, [`secrets`] the keychain or the encrypted file, and
//!   [`discovery`] reads model lists through the guarded client of [`waypost_egress`].
//! * [`panics`] keeps what a fault was holding out of the log.
//!
//! Invariant: nothing outside [`http`] and `cli::serve` names the HTTP framework.
//! Invariant: nothing opens a connection except through [`waypost_egress`].
//! Invariant: a change and its audit row are written in one transaction.

pub mod catalog;
pub mod cli;
mod database_follower;
pub mod discovery;
mod domain_error;
pub mod http;
mod last_contact;
mod metrics;
pub mod oidc;
pub mod panics;
pub mod request_log;
pub mod sample;
pub mod sanitise;
pub mod secret_records;
pub mod tokens;
pub mod traces;
pub mod workspace;

pub use waypost_store as store;
