//! Which database a store is, for an administrator.

/// A database, as Settings names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseDescription {
    /// `SQLite` or `PostgreSQL`.
    pub product: &'static str,
    /// Its version when it was opened.
    pub version: String,
    /// Where it is: the path of a file, or `host:port/database`. It has neither user nor password.
    pub place: String,
}
