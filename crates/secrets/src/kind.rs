//! The kind of secrets backend, and how it is doing.

pub use waypost_routing::vocabulary::SecretsBackendKind;

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
