//! Waypost's routing: what a model ref means, where a request goes, and why.
//!
//! The control plane, the command line and the browser use this crate alike, so that a preview
//! cannot differ from the route that is taken. It is pure: no input or output, no clock, no
//! randomness, and no secret ever enters it. A credential is a name, never a value.

pub mod agent;
pub mod agent_status;
pub mod base_url;
pub mod body_routing;
pub mod builtin_catalog;
pub mod catalog;
pub mod codes;
pub mod credential;
pub mod display_text;
mod document;
pub mod endpoint;
pub mod env_grant;
pub mod export;
#[cfg(feature = "handle")]
pub mod handle;
pub mod header;
pub mod impact;
pub mod key_text;
pub mod mask;
pub mod model_id;
pub mod model_ref;
pub mod model_replacement;
pub mod numbers;
pub mod openrouter;
pub mod operation;
pub mod problem;
pub mod provenance;
pub mod providers_file;
pub mod resolution;
pub mod resolve;
pub mod routing_table;
pub mod scenario;
pub mod snapshot;
pub mod source;
mod suggestion;
pub mod time_limits;
pub mod used_by;
pub mod vocabulary;
pub mod yaml;
