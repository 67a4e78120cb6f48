//! Errors of the database.

use std::fmt;

/// The class of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// The name is taken, or another unique key is.
    Conflict,
    /// Other writers kept the database busy for too long.
    Busy,
    /// The database cannot be reached, or lets nothing be written at the moment.
    Unreachable,
    /// The disk is full, or the database has reached its limit.
    DiskFull,
    /// The file is damaged, truncated or no database.
    Damaged,
    /// A newer Waypost wrote it.
    Newer,
    /// An older Waypost wrote it, and it was not to be migrated.
    Older,
    /// Anything else.
    Internal,
}

/// An error of the database. Its text contains no value of a row.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
}

impl StoreError {
    pub(crate) fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// An error for a test, or for a wrapper around a store.
    #[must_use]
    pub fn of_kind(kind: StoreErrorKind) -> Self {
        Self::new(kind, format!("{kind:?}"))
    }

    /// Its class.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {}
