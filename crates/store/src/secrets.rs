//! What may be said of stored secrets: never their values.

/// What may be said of a stored secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretMeta {
    /// The origin it was entered for, and the only one it is given out for.
    pub origin: String,
    /// The last four characters, where it is long enough to show them.
    pub hint: Option<String>,
    /// When it was entered, in Unix seconds.
    pub set_at: i64,
}

/// A row of the table.
pub struct SecretRow {
    /// What may be said of it.
    pub meta: SecretMeta,
    /// A change of its value was begun and its end was not seen.
    pub unsettled: bool,
}
