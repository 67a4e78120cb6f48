//! The two shapes of errors: OpenAI's and Anthropic's. The caller's path decides, because a client
//! reads errors as its own API writes them.

use crate::answer_headers::{self, CODE};
use crate::forward_error::ForwardError;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// Whose shape errors have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    /// OpenAI's Responses API, whose stream has named events.
    OpenAiResponses,
    Anthropic,
}

impl Dialect {
    fn body(self, error: &ForwardError, request_id: &str) -> Value {
        match self {
            Self::OpenAi | Self::OpenAiResponses => json!({
                "error": {
                    "message": error.message,
                    "type": openai_type(error.status),
                    "param": error.is_about_model.then_some("model"),
                    "code": error.code,
                }
            }),
            Self::Anthropic => json!({
                "type": "error",
                "error": { "type": anthropic_type(error.status), "message": error.message },
                "request_id": request_id,
            }),
        }
    }

    /// The whole answer.
    pub(crate) fn answer(self, error: &ForwardError, request_id: &str) -> Response<Bytes> {
        let body = self.body(error, request_id).to_string();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = error.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Ok(code) = HeaderValue::from_str(&error.code) {
            headers.insert(CODE, code);
        }
        if let Some(seconds) = error.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if error.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer_headers::seal(headers, request_id);
        response
    }

    /// An event that ends a stream. It begins with an empty line unless the stream is between two
    /// events, so that it is not read as part of a broken one.
    pub(crate) fn event(
        self,
        error: &ForwardError,
        request_id: &str,
        is_between_events: bool,
    ) -> Bytes {
        let (name, body) = match self {
            Self::OpenAi => ("", self.body(error, request_id)),
            Self::Anthropic => ("event: error\n", self.body(error, request_id)),
            Self::OpenAiResponses => (
                "event: error\n",
                json!({
                    "type": "error",
                    "code": error.code,
                    "message": error.message,
                    "param": null,
                }),
            ),
        };
        let start = if is_between_events { "" } else { "\n\n" };
        Bytes::from(format!("{start}{name}data: {body}\n\n"))
    }
}

/// A success of Waypost's own, in JSON.
pub(crate) fn json(body: String, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, kind);
    answer_headers::seal(headers, request_id);
    response
}

fn openai_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

fn anthropic_type(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 => "overloaded_error",
        _ => "api_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16) -> ForwardError {
        let status = StatusCode::from_u16(status).unwrap();
        ForwardError::new(status, "some_code", "What \"happened\".")
    }

    fn json(dialect: Dialect, error: &ForwardError) -> Value {
        let answer = dialect.answer(error, "abc");
        assert_eq!(answer.status(), error.status);
        assert_eq!(answer.headers()["x-waypost-code"], "some_code");
        assert_eq!(answer.headers()["x-waypost-request-id"], "abc");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        serde_json::from_slice(answer.body()).unwrap()
    }

    #[test]
    fn errors_have_openais_shape() {
        let found = json(Dialect::OpenAi, &error(422).about_model());
        let expected = json!({"error": {
            "message": "What \"happened\".", "type": "invalid_request_error",
            "param": "model", "code": "some_code",
        }});
        assert_eq!(found, expected);
        for (status, name) in [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (404, "invalid_request_error"),
            (429, "rate_limit_error"),
            (502, "server_error"),
            (504, "server_error"),
        ] {
            let found = json(Dialect::OpenAi, &error(status));
            assert_eq!(found["error"]["type"], name, "{status}");
            assert_eq!(found["error"]["param"], Value::Null);
        }
    }

    #[test]
    fn errors_have_anthropics_shape() {
        for (status, name) in [
            (400, "invalid_request_error"),
            (401, "authentication_error"),
            (404, "not_found_error"),
            (413, "request_too_large"),
            (415, "invalid_request_error"),
            (422, "invalid_request_error"),
            (429, "rate_limit_error"),
            (502, "api_error"),
            (503, "overloaded_error"),
            (504, "api_error"),
        ] {
            let expected = json!({
                "type": "error",
                "error": { "type": name, "message": "What \"happened\"." },
                "request_id": "abc",
            });
            assert_eq!(
                json(Dialect::Anthropic, &error(status)),
                expected,
                "{status}"
            );
        }
    }

    #[test]
    fn a_refusal_says_when_to_try_again_and_how_to_identify() {
        let answer = Dialect::OpenAi.answer(&error(503).after(3), "abc");
        assert_eq!(answer.headers()["retry-after"], "3");
        let answer = Dialect::Anthropic.answer(&error(401), "abc");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    }

    #[test]
    fn an_event_is_apart_from_what_was_broken_off() {
        let event = |dialect: Dialect, between| {
            let bytes = dialect.event(&error(502), "abc", between);
            String::from_utf8(bytes.to_vec()).unwrap()
        };
        assert!(event(Dialect::OpenAi, true).starts_with("data: {\"error\":{"));
        assert!(event(Dialect::OpenAi, false).starts_with("\n\ndata: {\"error\":{"));
        for dialect in [Dialect::Anthropic, Dialect::OpenAiResponses] {
            let event = event(dialect, true);
            let data = event.strip_prefix("event: error\ndata: ").unwrap();
            let json: Value = serde_json::from_str(data.strip_suffix("\n\n").unwrap()).unwrap();
            assert_eq!(json["type"], "error");
        }
    }
}
