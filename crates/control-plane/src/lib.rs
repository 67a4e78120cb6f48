//! Waypost's control plane: serves the dashboard and its API, keeps the workspace, and talks to
//! upstreams through one guarded client.

pub mod clock;
pub mod random;
pub mod sanitise;
pub mod secrets;
pub mod store;
pub mod workspace;
