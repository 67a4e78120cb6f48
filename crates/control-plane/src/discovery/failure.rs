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
    /// Whether an administrator can allow the address that was refused.
    pub(super) may_be_allowed: bool,
}

impl CallFailure {
    pub(super) fn new(outcome: CheckOutcome, message: String) -> Self {
        Self {
            outcome,
            message,
            missing_headers: Vec::new(),
            may_be_allowed: false,
        }
    }
}

impl From<waypost_egress::CallFailure> for CallFailure {
    fn from(failure: waypost_egress::CallFailure) -> Self {
        let outcome = match failure.kind {
            // The upstream refused nothing: the request never left.
            FailureKind::InvalidHeader => CheckOutcome::NotSent,
            FailureKind::Timeout => CheckOutcome::Timeout,
            FailureKind::ConnectFailed => CheckOutcome::ConnectFailed,
            FailureKind::TlsFailed => CheckOutcome::TlsFailed,
            FailureKind::BadResponse => CheckOutcome::BadResponse,
            FailureKind::TooLarge => CheckOutcome::TooLarge,
            FailureKind::AddressNotAllowed => CheckOutcome::AddressNotAllowed,
        };
        Self {
            may_be_allowed: failure.may_be_allowed,
            ..Self::new(outcome, failure.message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_cannot_be_sent_is_no_refusal_of_the_upstream() {
        let failure = waypost_egress::CallFailure {
            kind: FailureKind::InvalidHeader,
            message: "The header `x-key` cannot be sent.".to_owned(),
            may_be_allowed: false,
        };
        let failure = CallFailure::from(failure);
        assert_eq!(failure.outcome, CheckOutcome::NotSent);
        assert_eq!(failure.outcome.was_sent(), Some(false));
    }
}
