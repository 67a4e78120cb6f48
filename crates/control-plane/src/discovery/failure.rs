//! Why a discovery failed.

use waypost_api_types::CallOutcome;
use waypost_egress::FailureKind;

/// Why a list could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallFailure {
    /// The class.
    pub(super) outcome: CallOutcome,
    /// What happened, why, and what to do next. Contains nothing that was sent or received.
    pub(super) message: String,
}

impl CallFailure {
    pub(super) fn new(outcome: CallOutcome, message: String) -> Self {
        Self { outcome, message }
    }
}

impl From<waypost_egress::CallFailure> for CallFailure {
    fn from(failure: waypost_egress::CallFailure) -> Self {
        let outcome = match failure.kind {
            // Only a header that carries a credential comes from a person's input.
            FailureKind::InvalidHeader => CallOutcome::Unauthorized,
            FailureKind::Timeout => CallOutcome::Timeout,
            FailureKind::ConnectFailed => CallOutcome::ConnectFailed,
            FailureKind::TlsFailed => CallOutcome::TlsFailed,
            FailureKind::BadResponse => CallOutcome::BadResponse,
            FailureKind::TooLarge => CallOutcome::TooLarge,
            FailureKind::AddressNotAllowed => CallOutcome::AddressNotAllowed,
        };
        Self::new(outcome, failure.message)
    }
}
