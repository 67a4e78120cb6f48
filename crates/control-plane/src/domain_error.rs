//! What can go wrong with an operation on the workspace, in words and codes of the domain.

use crate::store::{StoreError, StoreErrorKind};
use std::fmt;
use waypost_api_types::{AgentIssue, Current, OutcomeReport};

/// The class of an error. The HTTP side gives each class its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there: a name that is taken, a thing that is in use.
    Conflict,
    /// The item has a newer version than the expected one.
    PreconditionFailed,
    /// It was there and is no more: a deletion that can no longer be taken back.
    Gone,
    /// What was given cannot be used.
    Invalid,
    /// The secrets backend is not responding; later it may.
    Unavailable,
    /// A bug in Waypost, with details in its log.
    Internal,
}

/// Why an operation on the workspace did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainError {
    /// Its class.
    pub kind: ErrorKind,
    /// A stable code, such as `name_taken`.
    pub code: &'static str,
    /// What happened, why, and what to do next, for a person.
    pub message: String,
    /// The field at fault, where one is (`base_url`, `headers.x-tenant`).
    pub field: Option<String>,
    /// A whole replacement for the field's value, where one is at hand.
    pub suggestion: Option<String>,
    /// What shows the fault, where words are not enough.
    pub evidence: Option<Box<Evidence>>,
}

/// What shows a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Every problem of a document that was refused.
    Document(Vec<AgentIssue>),
    /// The stored version of an item that changed in the meantime.
    Current(Current),
    /// What the check said that kept a key from being saved.
    Check(OutcomeReport),
}

impl DomainError {
    fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            field: None,
            suggestion: None,
            evidence: None,
        }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, "not_found", message)
    }

    /// It contradicts what is there.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, code, message)
    }

    /// It is there no more.
    pub fn gone(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Gone, code, message)
    }

    /// The item has a newer version than the expected one.
    #[must_use]
    pub fn precondition_failed(current: Current) -> Self {
        let message = "This was changed in the meantime, so nothing was saved. Compare your version with the saved one, then save again or discard yours.";
        Self {
            evidence: Some(Box::new(Evidence::Current(current))),
            ..Self::new(ErrorKind::PreconditionFailed, "version_conflict", message)
        }
    }

    /// Another program has changed a secret in the backend that it shares with Waypost.
    #[must_use]
    pub fn secret_conflict(reason: &str) -> Self {
        let message = format!(
            "The secret was changed in the meantime ({reason}), so nothing was saved. Look at the key's state, then save again."
        );
        Self::new(ErrorKind::PreconditionFailed, "secret_conflict", message)
    }

    /// The field cannot have this value.
    pub fn invalid(
        field: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(ErrorKind::Invalid, code, message).at(field)
    }

    /// The secrets backend is not responding.
    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, code, message)
    }

    /// A bug in Waypost. The details go to the log, not to the caller.
    pub fn internal(what: &str, error: &dyn fmt::Display) -> Self {
        tracing::error!(%error, "{what}");
        Self::new(
            ErrorKind::Internal,
            "internal",
            "Internal error. Nothing was changed. The log has the details.",
        )
    }

    /// The same error, with the field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same error, with every problem of the document at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<AgentIssue>) -> Self {
        self.evidence = Some(Box::new(Evidence::Document(errors)));
        self
    }

    /// The same error, with what a check said.
    #[must_use]
    pub fn with_check(mut self, report: OutcomeReport) -> Self {
        self.evidence = Some(Box::new(Evidence::Check(report)));
        self
    }

    /// The same error, with a whole replacement for the field's value.
    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for DomainError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for DomainError {}

impl From<StoreError> for DomainError {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::DiskFull => {
                tracing::error!(%error, "cannot write the database");
                Self::unavailable(
                    "storage_full",
                    "The database's disk is full, so nothing was saved. Free some space, then try again.",
                )
            }
            StoreErrorKind::Busy => {
                tracing::error!(%error, "database busy");
                Self::unavailable(
                    "database_busy",
                    "The database is busy, so nothing was saved. Try again.",
                )
            }
            StoreErrorKind::Unreachable => {
                tracing::error!(%error, "database unreachable");
                Self::unavailable(
                    "database_unreachable",
                    "The database cannot be reached, so nothing was saved. Requests are still forwarded. Try again once the database is back.",
                )
            }
            _ => Self::internal("database failed", &error),
        }
    }
}
