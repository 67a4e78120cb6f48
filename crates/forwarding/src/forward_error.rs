//! Waypost's own errors, before they have the shape of the caller's API.

use http::StatusCode;
use std::borrow::Cow;
use waypost_egress::{CallFailure, FailureKind};
use waypost_routing::body_routing::BODY_ROUTING_FIELDS;
use waypost_routing::codes;

/// Why Waypost answers a request itself. It contains no key, no prompt and no words of an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ForwardError {
    pub(crate) status: StatusCode,
    /// A stable code, also in `x-waypost-code`.
    pub(crate) code: Cow<'static, str>,
    /// What happened and what to do.
    pub(crate) message: String,
    /// After how many seconds to try again.
    pub(crate) retry_after: Option<u64>,
    /// Whether the value of `model` is at fault.
    pub(crate) is_about_model: bool,
    /// Whether the attempt ended in a connection, TLS or first-byte failure, after which the fallback
    /// may do better.
    pub(crate) allows_fallback: bool,
}

impl ForwardError {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            retry_after: None,
            is_about_model: false,
            allows_fallback: false,
        }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// What the resolver, or a credential, says.
    pub(crate) fn unprocessable(
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).about_model()
    }

    pub(crate) fn body_routing_refused() -> Self {
        let fields = BODY_ROUTING_FIELDS
            .map(|field| format!("`{field}`"))
            .join(", ");
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "body_routing_refused",
            format!(
                "The request body has one of the fields {fields}, with which a gateway may choose another model. This Waypost refuses them. Leave the field out, and name the fallback in the agent's document."
            ),
        )
    }

    pub(crate) fn unknown_path(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_path", message)
    }

    pub(crate) fn bad_gateway(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, code, message)
    }

    pub(crate) fn timed_out(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "upstream_timeout", message)
    }

    pub(crate) fn secrets_unavailable(message: String) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "secrets_unavailable",
            message,
        )
        .after(5)
    }

    pub(crate) fn stale_configuration() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "stale_configuration",
            "Waypost has not reached its database for too long, so it may not know which tokens were revoked. An administrator can see why in its log.",
        )
        .after(5)
    }

    pub(crate) fn body_too_slow() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            "The request body did not arrive in time. Send it faster, or raise --body-timeout.",
        )
    }

    pub(crate) fn too_late() -> Self {
        Self::timed_out("The upstream did not finish its answer in time.")
    }

    pub(crate) fn shutting_down() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "shutting_down",
            "Waypost is stopping and takes no new requests. Try again in a few seconds.",
        )
        .after(1)
    }

    /// A bug in Waypost.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something unexpected happened in Waypost. The log has the details.",
        )
    }

    /// The same error, with the time after which to try again.
    pub(crate) fn after(self, seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    pub(crate) fn allowing_fallback(self) -> Self {
        Self {
            allows_fallback: true,
            ..self
        }
    }

    pub(crate) fn about_model(self) -> Self {
        Self {
            is_about_model: true,
            ..self
        }
    }
}

impl From<CallFailure> for ForwardError {
    fn from(failure: CallFailure) -> Self {
        let code = match failure.kind {
            FailureKind::InvalidHeader => {
                return Self::unprocessable(codes::INVALID_HEADER, failure.message);
            }
            // What the failure says names the address, which is the administrators' business.
            FailureKind::AddressNotAllowed => {
                return Self::bad_gateway(
                    "address_not_allowed",
                    "Waypost may not call the address of this upstream. An administrator can test the provider or source to see why, fix its base URL, or allow private addresses for it.",
                );
            }
            FailureKind::ConnectFailed | FailureKind::Timeout => "connect_failed",
            FailureKind::TlsFailed => "tls_failed",
            FailureKind::BadResponse | FailureKind::TooLarge => "upstream_closed",
        };
        let allows_fallback = matches!(
            failure.kind,
            FailureKind::ConnectFailed
                | FailureKind::Timeout
                | FailureKind::TlsFailed
                | FailureKind::BadResponse
        );
        Self {
            allows_fallback,
            ..Self::bad_gateway(code, failure.message)
        }
    }
}
