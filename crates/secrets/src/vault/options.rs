//! Where Vault is, and where Waypost's secrets are in it.

use crate::text::SecretText;
use std::path::PathBuf;
use waypost_routing::base_url::BaseUrl;

/// What an operator says about Vault.
#[derive(Clone)]
pub struct VaultOptions {
    /// `VAULT_ADDR`.
    pub address: BaseUrl,
    /// `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// `VAULT_CACERT`: a PEM file of the authorities to trust in place of the system's.
    pub authorities: Option<PathBuf>,
    /// Where the KV engine is mounted, without slashes at its ends.
    pub mount: String,
    /// The folder in the engine, without slashes at its ends. May be empty.
    pub prefix: String,
    /// How to get a token.
    pub login: VaultLogin,
}

/// A text that is given by an option or the environment, or read from a file at each login.
#[derive(Clone)]
pub enum Credential {
    /// The text itself.
    Given(SecretText),
    /// The file that has it.
    File(PathBuf),
}

/// How to get a token. `mount` is where the method is mounted, below `auth/`.
#[derive(Clone)]
pub enum VaultLogin {
    /// A token that someone else has made.
    Token(Credential),
    /// A role and its secret ID.
    AppRole {
        /// Where the method is mounted.
        mount: String,
        /// The role ID.
        role_id: String,
        /// The secret ID.
        secret_id: Credential,
    },
    /// A signed token of the platform: Kubernetes' own method, or the one for any JWT.
    Jwt {
        /// The method's name, `kubernetes` or `jwt`.
        method: &'static str,
        /// Where the method is mounted.
        mount: String,
        /// The role.
        role: String,
        /// The file of the signed token.
        jwt: PathBuf,
    },
}
