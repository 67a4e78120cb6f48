//! The API as its callers meet it: the whole server in one process, called without a socket.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod activity;
mod agents;
mod assets;
mod checked_keys;
mod connection_checks;
mod database;
mod env_keys;
mod forwarding;
mod health;
mod hung_store;
mod metrics;
mod models;
mod oidc;
mod oidc_provider;
mod outcomes;
mod panics;
mod pasted_input;
mod providers;
mod read_your_writes;
mod refused_keys;
mod request_log;
mod requests;
mod sample;
mod security;
mod session;
mod silent_backend;
mod snapshot;
mod sources;
mod staged_keys;
mod support;
mod tokens;
mod traces;
mod undo;
mod upstream;
mod usage;
mod verification;
mod versions;
mod workspace;
