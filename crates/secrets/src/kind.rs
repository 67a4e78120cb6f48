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
    /// The connection to it, where it is on the network.
    pub remote: Option<RemoteBackend>,
}

/// The connection to a backend on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBackend {
    /// Its address.
    pub address: String,
    /// The namespace in it, where there are some.
    pub namespace: Option<String>,
    /// Where in it the secrets are.
    pub path: String,
    /// How Waypost signs in to it.
    pub login: String,
    /// When the present login expires, in Unix seconds; `None` if it does not, or before the first one.
    pub expires_at: Option<i64>,
    /// The last call that failed.
    pub last_error: Option<LastError>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// Why, in plain words.
    pub message: String,
    /// When, in Unix seconds.
    pub at: i64,
}
