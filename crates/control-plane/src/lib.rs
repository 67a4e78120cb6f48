//! Waypost's control plane: serves the dashboard and its API, keeps the workspace, and talks to
//! upstreams through one guarded client.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod discovery;
pub mod http;
pub mod outbound;
pub mod random;
pub mod refresh;
pub mod sample;
pub mod sanitise;
pub mod secrets;
pub mod serve;
pub mod store;
pub mod workspace;
