//! The kinds of secrets backends.

/// A kind of secrets backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretsBackendKind {
    /// The operating system's keychain.
    Keychain,
    /// An encrypted file in the data directory.
    File,
}

impl SecretsBackendKind {
    /// The name in the records and for `--secrets`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "file",
        }
    }

    /// What a person reads: "stored in the …".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::File => "encrypted file",
        }
    }
}

/// The backend in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendStatus {
    /// Which one, as recorded at first start.
    pub kind: SecretsBackendKind,
    /// Whether it answered the last call.
    pub available: bool,
    /// Where it is and what it does and does not protect, in plain words.
    pub description: String,
    /// Why it does not answer, or what it has not done yet.
    pub problem: Option<String>,
}
