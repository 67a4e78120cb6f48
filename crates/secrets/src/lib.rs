//! Secrets: each one is stored under a name, bound to the origin it was entered for, and given out
//! for that origin only.
//!
//! The values are in a backend: the operating system's keychain, an encrypted file, Vault, or
//! AWS Secrets Manager.
//! [`SecretRecords`] keeps what may be shown about them, and [`SecretStore::for_origin`] is the only
//! way to a value. The crate knows neither the database nor the web server.

mod atomic_file;
mod aws;
mod backend;
mod blocking;
mod change;
mod checks;
mod copy;
mod describe;
mod error;
mod file;
mod inventory;
mod keychain;
mod keyed_locks;
mod kind;
mod open;
mod origin_binding;
mod records;
mod sealed;
mod shared_document;
mod store;
mod text;
mod unrecorded;
mod value;
mod vault;

#[cfg(test)]
mod tests;

pub use aws::AwsOptions;
pub use backend::{BackendError, SecretsBackend, StoredVersion};
pub use change::{PreparedSecrets, SecretChange, SecretsBefore};
pub use copy::{CopyMode, CopyOutcome, SecretsCopy};
pub use error::{ReentryReason, SecretsError};
pub use inventory::{EntryNames, Inventory, SecretState, StoredSecret};
pub use kind::{BackendStatus, LastError, RemoteBackend, SecretsBackendKind};
pub use open::BackendOptions;
pub use records::{
    ExpectedSecret, RecordChange, RecordsError, SecretMeta, SecretRecord, SecretRecords,
};
pub use sealed::{SealedSecret, SecretVersion};
pub use store::SecretStore;
pub use text::SecretText;
pub use vault::{Credential, VaultLogin, VaultOptions};
