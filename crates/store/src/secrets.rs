//! Records of stored secrets: never their values.

/// The record of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretRow {
    /// The value that counts; `None` if the secret was removed, or never committed, and the
    /// backend may still hold a value that must be deleted.
    pub expected: Option<ExpectedValue>,
    /// A change has begun and the backend may hold more than what is expected.
    pub unsettled: bool,
}

/// What is recorded about a stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedValue {
    /// The origin it was entered for, and the only one it is given out for.
    pub origin: String,
    /// The last four characters, if it is long enough to show them.
    pub hint: Option<String>,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
    /// The revision that the value carries; `None` if it carries none.
    pub revision: Option<String>,
}
