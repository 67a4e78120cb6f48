//! PostgreSQL's errors as the store's own.

use crate::error::{StoreError, StoreErrorKind};
use sqlx::postgres::PgDatabaseError;

/// The class of an error, by SQLSTATE.
pub(super) fn kind_of(error: &sqlx::Error) -> StoreErrorKind {
    let Some(code) = code_of(error) else {
        return match error {
            // A server that refuses connections is asked again until this time is over.
            sqlx::Error::PoolTimedOut
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreErrorKind::Unreachable,
            _ => StoreErrorKind::Internal,
        };
    };
    match code {
        // unique_violation
        "23505" => StoreErrorKind::Conflict,
        // query_canceled by statement_timeout, lock_not_available, deadlock_detected,
        // serialization_failure, idle_in_transaction_session_timeout
        "57014" | "55P03" | "40P01" | "40001" | "25P03" => StoreErrorKind::Busy,
        // A standby, a password that is no longer right, a role that is not let in.
        "25006" | "28P01" | "28000" => StoreErrorKind::Unreachable,
        // disk_full
        "53100" => StoreErrorKind::DiskFull,
        code if code.starts_with("XX") => StoreErrorKind::Damaged,
        // connection_exception, insufficient_resources, operator_intervention
        code if ["08", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            StoreErrorKind::Unreachable
        }
        _ => StoreErrorKind::Internal,
    }
}

/// The SQLSTATE, if PostgreSQL answered.
pub(super) fn code_of(error: &sqlx::Error) -> Option<&str> {
    let sqlx::Error::Database(database) = error else {
        return None;
    };
    let answered = database.try_downcast_ref::<PgDatabaseError>()?;
    Some(answered.code())
}

/// The error of the store. Its text has PostgreSQL's message without the details, which name values.
pub(super) fn failed(error: &sqlx::Error) -> StoreError {
    let kind = kind_of(error);
    let message = match error {
        sqlx::Error::PoolTimedOut => "no connection to PostgreSQL in time".to_owned(),
        sqlx::Error::Io(error) => format!("PostgreSQL cannot be reached: {error}"),
        error => format!("PostgreSQL: {error}"),
    };
    StoreError::new(kind, message)
}

/// The error of work that PostgreSQL did not answer in time.
pub(super) fn silent(seconds: u64) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unreachable,
        format!("PostgreSQL did not answer within {seconds} s"),
    )
}
