//! API tokens: the credentials with which agents and scripts call Waypost.

mod text;

pub use text::{ApiToken, contains_token};
