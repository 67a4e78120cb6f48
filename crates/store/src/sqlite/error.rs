//! SQLite's errors as the store's own.

use crate::error::{StoreError, StoreErrorKind};

/// The class of an error: the low byte of SQLite's code says what happened, the rest why.
pub(super) fn kind_of(error: &sqlx::Error) -> StoreErrorKind {
    let database = match error {
        sqlx::Error::Database(database) => database,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => return StoreErrorKind::Busy,
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            return StoreErrorKind::DiskFull;
        }
        _ => return StoreErrorKind::Internal,
    };
    if database.is_unique_violation() {
        return StoreErrorKind::Conflict;
    }
    let code: Option<i64> = database.code().and_then(|code| code.parse().ok());
    match code.map(|code| code & 0xff) {
        // SQLITE_BUSY and SQLITE_LOCKED.
        Some(5 | 6) => StoreErrorKind::Busy,
        // SQLITE_FULL.
        Some(13) => StoreErrorKind::DiskFull,
        // SQLITE_CORRUPT and SQLITE_NOTADB.
        Some(11 | 26) => StoreErrorKind::Damaged,
        _ => StoreErrorKind::Internal,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::new(kind_of(&error), error.to_string())
    }
}
