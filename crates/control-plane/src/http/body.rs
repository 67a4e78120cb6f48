//! Reading request bodies: JSON and nothing else, within limits, and an error that names the
//! field at fault without repeating what was sent in it, which may be a secret.

use super::json_tree::{ShapeError, Tree};
use super::problem::ApiError;
use axum::RequestExt as _;
use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use zeroize::{Zeroize as _, Zeroizing};

/// A JSON body.
pub struct ReadJson<T>(pub T);

/// A JSON body that may be left out.
pub struct ReadOptionalJson<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ReadJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        parse(&read(request).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ReadOptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let body = read(request).await?;
        if body.is_empty() {
            return Ok(Self(None));
        }
        parse(&body).map(|value| Self(Some(value)))
    }
}

/// How long a body may take to arrive. The listener closes a connection whose body takes longer
/// still; here there is time for an answer.
const ARRIVAL: Duration = Duration::from_secs(30);

async fn read(request: Request) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    tokio::time::timeout(ARRIVAL, collect(request))
        .await
        .map_err(|_| {
            let close = HeaderValue::from_static("close");
            ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                "body_too_slow",
                "The request body did not arrive in time. Send it again.",
            )
            .with_header(header::CONNECTION, close)
        })?
}

/// Collects a body, which may carry a secret: no copy of it stays behind in freed memory, whether
/// it is accepted or not.
async fn collect(request: Request) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let mut body = request.into_limited_body();
    let mut chunks = Chunks(Vec::new());
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| unreadable(&error))?;
        if let Ok(chunk) = frame.into_data() {
            chunks.0.push(chunk);
        }
    }
    // Reserved in one piece: growing would leave a copy behind that is never wiped.
    let length = chunks.0.iter().map(Bytes::len).sum();
    let mut whole = Zeroizing::new(Vec::with_capacity(length));
    for chunk in &chunks.0 {
        whole.extend_from_slice(chunk);
    }
    Ok(whole)
}

fn unreadable(error: &axum::Error) -> ApiError {
    let mut source = Error::source(error);
    while let Some(error) = source {
        if error.is::<LengthLimitError>() {
            return ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The request body is too large.",
            );
        }
        source = error.source();
    }
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "body_unreadable",
        "The request body is incomplete. Send it again.",
    )
}

/// The pieces of a body as they arrived. They are wiped when they are dropped, unless the
/// connection still uses the buffer that they are part of.
struct Chunks(Vec<Bytes>);

impl Drop for Chunks {
    fn drop(&mut self) {
        for chunk in self.0.drain(..) {
            wipe(chunk);
        }
    }
}

/// Wipes a piece that nothing else uses, and tells whether it did.
fn wipe(chunk: Bytes) -> bool {
    match chunk.try_into_mut() {
        Ok(mut bytes) => {
            bytes.zeroize();
            bytes.iter().all(|byte| *byte == 0)
        }
        Err(_) => false,
    }
}

/// Refuses a write that carries, or says that it carries, anything but JSON. A form on another
/// site can send every type but this one without asking first.
pub async fn json_only(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let acceptable = match headers.get(header::CONTENT_TYPE) {
        Some(value) => value.to_str().is_ok_and(is_json),
        None => {
            let empty = headers
                .get(header::CONTENT_LENGTH)
                .is_none_or(|length| length == "0");
            empty && !headers.contains_key(header::TRANSFER_ENCODING)
        }
    };
    if acceptable {
        next.run(request).await
    } else {
        ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "json_only",
            "Send the body as JSON, with the header `content-type: application/json`.",
        )
        .into_response()
    }
}

fn is_json(content_type: &str) -> bool {
    content_type
        .split(';')
        .next()
        .is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let tree: Tree = serde_json::from_slice(body).map_err(|error| syntax_problem(&error))?;
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let path = error.path().to_string();
        shape_problem(&path, error.into_inner())
    })
}

fn syntax_problem(error: &serde_json::Error) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "invalid_json",
        format!(
            "The body is not valid JSON: see line {}, column {}.",
            error.line(),
            error.column()
        ),
    )
}

fn shape_problem(path: &str, error: ShapeError) -> ApiError {
    let parent = if path == "." { "" } else { path };
    match error {
        ShapeError::Missing(name) => {
            let field = join(parent, name);
            let detail = format!("The field `{field}` is missing.");
            unprocessable("missing_field", detail).at(field)
        }
        ShapeError::Unknown(name) => {
            // The path already ends in the name.
            let field = if parent.is_empty() { &name } else { parent };
            let field: String = field.chars().take(100).collect();
            unprocessable(
                "unknown_field",
                format!("There is no field `{field}` here."),
            )
            .at(field)
        }
        ShapeError::Duplicate(name) => {
            let parent = parent.strip_suffix(name).unwrap_or(parent);
            let field = join(parent.trim_end_matches('.'), name);
            unprocessable("duplicate_field", format!("Duplicate field `{field}`.")).at(field)
        }
        ShapeError::Expected(expected) => {
            invalid_value(parent, &format!("must be {}", plainly(&expected)))
        }
        ShapeError::Refused => invalid_value(parent, "cannot have this value"),
    }
}

fn invalid_value(field: &str, fault: &str) -> ApiError {
    if field.is_empty() {
        return unprocessable("invalid_value", format!("The body {fault}."));
    }
    unprocessable("invalid_value", format!("The field `{field}` {fault}.")).at(field)
}

/// What serde expected, without the names of Rust types. [`serde::de::Expected`] offers nothing but
/// its words; the tests below fail once serde words them differently.
fn plainly(expected: &str) -> &str {
    match expected {
        "a map" => "an object",
        "a sequence" => "a list",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

fn unprocessable(code: &str, detail: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "the fields are there to be read into")]
    struct Shape {
        name: String,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        #[serde(default)]
        kind: Kind,
    }

    #[derive(Deserialize, Debug, Default)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        Gateway,
        Direct,
    }

    async fn problem_of(body: &str) -> serde_json::Value {
        let response = parse::<Shape>(body.as_bytes()).unwrap_err().into_response();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn each_fault_names_its_field_and_repeats_no_value() {
        for (body, status, code, field, detail) in [
            (
                r#"{"#,
                400,
                "invalid_json",
                None,
                "The body is not valid JSON: see line 1, column 1.",
            ),
            (
                r#"{"name":"a"} x"#,
                400,
                "invalid_json",
                None,
                "The body is not valid JSON: see line 1, column 14.",
            ),
            (
                r#"{}"#,
                422,
                "missing_field",
                Some("name"),
                "The field `name` is missing.",
            ),
            (
                r#"{"name":"a","nmae":"sk-1"}"#,
                422,
                "unknown_field",
                Some("nmae"),
                "There is no field `nmae` here.",
            ),
            (
                r#"{"name":"a","name":"b"}"#,
                422,
                "duplicate_field",
                Some("name"),
                "Duplicate field `name`.",
            ),
            (
                r#"{"name":123456789}"#,
                422,
                "invalid_value",
                Some("name"),
                "The field `name` must be a string.",
            ),
            (
                r#"{"name":"a","headers":{"x-key":123456789}}"#,
                422,
                "invalid_value",
                Some("headers.x-key"),
                "The field `headers.x-key` must be a string.",
            ),
            (
                r#"{"name":"a","kind":"sk-1"}"#,
                422,
                "invalid_value",
                Some("kind"),
                "The field `kind` must be `gateway` or `direct`.",
            ),
            (
                r#""sk-1""#,
                422,
                "invalid_value",
                None,
                "The body must be an object.",
            ),
            (
                r#" ["sk-1"]"#,
                422,
                "invalid_value",
                None,
                "The body must be an object.",
            ),
            (
                r#"["sk-1""#,
                400,
                "invalid_json",
                None,
                "The body is not valid JSON: see line 1, column 7.",
            ),
        ] {
            let problem = problem_of(body).await;
            assert_eq!(problem["status"], status, "{body}");
            assert_eq!(problem["code"], code, "{body}");
            assert_eq!(problem["field"].as_str(), field, "{body}");
            assert_eq!(problem["detail"], detail, "{body}");
            assert!(!problem.to_string().contains("sk-1"), "{problem}");
            assert!(!problem.to_string().contains("123456789"), "{problem}");
        }
    }

    #[tokio::test]
    async fn what_a_value_may_hold_is_read_from_its_type() {
        #[derive(Deserialize, Debug, PartialEq)]
        #[serde(deny_unknown_fields)]
        struct Wide {
            small: u8,
            float: f64,
            list: Vec<i64>,
            maybe: Option<Option<String>>,
            inner: Vec<Inner>,
        }
        #[derive(Deserialize, Debug, PartialEq)]
        struct Inner {
            name: String,
        }
        let whole = r#"{"small":5,"float":1,"list":[-1,2],"maybe":"x","inner":[{"name":"a"}]}"#;
        let read: Wide = parse(whole.as_bytes()).unwrap();
        assert_eq!((read.small, read.float, read.list), (5, 1.0, vec![-1, 2]));
        assert_eq!(read.maybe, Some(Some("x".to_owned())));
        for (from, to, field, detail) in [
            (
                "\"small\":5",
                "\"small\":300",
                "small",
                "The field `small` must be u8.",
            ),
            (
                "[-1,2]",
                "[-1,\"2\"]",
                "list[1]",
                "The field `list[1]` must be i64.",
            ),
            (
                "{\"name\":\"a\"}",
                "[\"a\"]",
                "inner[0]",
                "The field `inner[0]` must be an object.",
            ),
            (
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"name\":\"b\"}",
                "inner[0].name",
                "Duplicate field `inner[0].name`.",
            ),
        ] {
            let body = whole.replace(from, to);
            let response = parse::<Wide>(body.as_bytes()).unwrap_err().into_response();
            let bytes = axum::body::to_bytes(response.into_body(), 10_000);
            let problem: serde_json::Value = serde_json::from_slice(&bytes.await.unwrap()).unwrap();
            assert_eq!(problem["field"], field, "{body}");
            assert_eq!(problem["detail"], detail, "{body}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_is_answered_in_time() {
        let never = axum::body::Body::new(Never);
        let begun = tokio::time::Instant::now();
        let request = Request::builder().body(never).unwrap();
        let Err(refused) = ReadJson::<Shape>::from_request(request, &()).await else {
            panic!("there is no body")
        };
        let response = refused.into_response();
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(response.headers()[header::CONNECTION], "close");
        assert_eq!(begun.elapsed(), ARRIVAL);
    }

    /// A body of which nothing ever arrives.
    struct Never;

    impl http_body::Body for Never {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }

    #[test]
    fn a_piece_of_a_body_is_wiped_unless_it_is_in_use() {
        let chunk = Bytes::from(b"sk-canary".to_vec());
        let other = chunk.clone();
        assert!(!wipe(chunk));
        assert_eq!(other, "sk-canary");
        assert!(wipe(other));
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_read_whole_and_one_that_is_too_long_is_refused() {
        let body = |length: usize| {
            let text = format!("{{\"name\":\"{}\"}}", "x".repeat(length));
            Request::new(axum::body::Body::from(text))
        };
        assert_eq!(read(body(100_000)).await.ok().unwrap().len(), 100_011);
        let refusal = read(body(3_000_000)).await.err().unwrap();
        let status = refusal.into_response().status();
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn json_is_recognised_with_its_parameters_and_nothing_else_is() {
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON; charset=utf-8"));
        for other in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "",
            "application/jsonx",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
