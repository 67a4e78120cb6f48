//! Waypost's own errors, before they have the shape of the caller's API.

use http::StatusCode;
use std::borrow::Cow;

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
