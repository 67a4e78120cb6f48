//! Why a discovery failed.

use waypost_api_types::CheckOutcome;
use waypost_egress::FailureKind;

/// Why a list could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallFailure {
    /// The class.
    pub(super) outcome: CheckOutcome,
    /// What happened, why, and what to do next. Contains nothing that was sent or received.
    pub(super) message: String,
    /// The headers that the upstream says are missing.
    pub(super) missing_headers: Vec<String>,
}

impl CallFailure {
    pub(super) fn new(outcome: CheckOutcome, message: String) -> Self {
        Self {
            outcome,
            message,
            missing_headers: Vec::new(),
        }
    }
}

impl From<waypost_egress::CallFailure> for CallFailure {
    fn from(failure: waypost_egress::CallFailure) -> Self {
        let outcome = match failure.kind {
            // Only a header that carries a credential comes from a person's input.
            FailureKind::InvalidHeader => CheckOutcome::Unauthorized,
            FailureKind::Timeout => CheckOutcome::Timeout,
            FailureKind::ConnectFailed => CheckOutcome::ConnectFailed,
            FailureKind::TlsFailed => CheckOutcome::TlsFailed,
            FailureKind::BadResponse => CheckOutcome::BadResponse,
            FailureKind::TooLarge => CheckOutcome::TooLarge,
            FailureKind::AddressNotAllowed => CheckOutcome::AddressNotAllowed,
        };
        Self::new(outcome, failure.message)
    }
}
