//! The workspace: every operation that the API offers, with no word of HTTP.

mod error;

pub use error::{DomainError, ErrorKind};
