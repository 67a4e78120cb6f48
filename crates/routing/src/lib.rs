//! Waypost's routing: what a model ref means, where a request goes, and why.
//!
//! The control plane, the command line and the browser use this crate alike, so that a preview
//! cannot differ from the route that is taken. It is pure: no input or output, no clock, no
//! randomness, and no secret ever enters it. A credential is a name, never a value.

pub mod base_url;
pub mod catalog;
pub mod codes;
pub mod error;
pub mod header;
pub mod model_ref;
pub mod operation;
pub mod resolution;
pub mod source;
pub mod world;
