//! Secrets: stored under a name, bound to the origin they were entered for, and given out only
//! for that origin.
//!
//! The values are in a backend, the operating system's keychain or an encrypted file. The
//! database holds what may be said of them. [`Secrets::for_origin`] is the one way to a value.

mod atomic_file;
mod backend;
mod describe;
mod error;
mod file;
mod keychain;
mod service;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use error::SecretsError;
pub use service::{Inventory, SecretMeta, Secrets};
pub use text::SecretText;
