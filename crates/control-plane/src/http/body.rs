//! Reading request bodies: JSON and nothing else, within limits, and an error that names the
//! field at fault without repeating what was sent in it, which may be a secret.

use super::problem::ApiError;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::{DeserializeOwned, IgnoredAny};

/// A JSON body.
pub struct ReadJson<T>(pub T);

/// A JSON body that may be left out.
pub struct ReadOptionalJson<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ReadJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        parse(&read(request, state).await?).map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ReadOptionalJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let body = read(request, state).await?;
        if body.is_empty() {
            return Ok(Self(None));
        }
        parse(&body).map(|value| Self(Some(value)))
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    "The request body is larger than this address takes.",
                )
            } else {
                ApiError::new(
                    StatusCode::BAD_REQUEST,
                    "body_unreadable",
                    "The request body did not arrive whole.",
                )
            }
        })
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
    // A list would be taken for the fields of an object, in the order in which they are declared.
    if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice::<IgnoredAny>(body).map_err(|error| syntax_problem(&error))?;
        let detail = "The body must be an object.".to_owned();
        return Err(unprocessable("invalid_value", detail));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        shape_problem(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| syntax_problem(&error))?;
    Ok(value)
}

fn syntax_problem(error: &serde_json::Error) -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "invalid_json",
        format!(
            "The body is not JSON: look at line {}, column {}.",
            error.line(),
            error.column()
        ),
    )
}

/// Words an error of serde's anew. Its own text quotes the offending value; only field names and
/// what was expected in their place are taken over.
fn shape_problem(path: &str, error: &serde_json::Error) -> ApiError {
    if !error.is_data() {
        return syntax_problem(error);
    }
    let text = error.to_string();
    let parent = if path == "." { "" } else { path };
    if let Some(name) = quoted_after(&text, "missing field `") {
        let field = join(parent, name);
        return unprocessable("missing_field", format!("The field `{field}` is missing."))
            .at(field);
    }
    if let Some(name) = quoted_after(&text, "unknown field `") {
        // Here the path already ends in the name.
        let field = if parent.is_empty() { name } else { parent };
        let field: String = field.chars().take(100).collect();
        return unprocessable(
            "unknown_field",
            format!("There is no field `{field}` here."),
        )
        .at(field);
    }
    if let Some(name) = quoted_after(&text, "duplicate field `") {
        let field = join(
            parent
                .strip_suffix(name)
                .unwrap_or(parent)
                .trim_end_matches('.'),
            name,
        );
        return unprocessable(
            "duplicate_field",
            format!("The field `{field}` stands there twice."),
        )
        .at(field);
    }
    let expected = text
        .rsplit_once("expected ")
        .map(|(_, rest)| rest.split(" at line ").next().unwrap_or(rest))
        .map_or_else(
            || "cannot have this value".to_owned(),
            |expected| format!("must be {}", plainly(expected)),
        );
    if parent.is_empty() {
        return unprocessable("invalid_value", format!("The body {expected}."));
    }
    unprocessable("invalid_value", format!("The field `{parent}` {expected}.")).at(parent)
}

/// What serde expected, without the names of Rust types.
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

fn quoted_after<'a>(text: &'a str, lead: &str) -> Option<&'a str> {
    text.strip_prefix(lead)?.split('`').next()
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
                "The body is not JSON: look at line 1, column 1.",
            ),
            (
                r#"{"name":"a"} x"#,
                400,
                "invalid_json",
                None,
                "The body is not JSON: look at line 1, column 14.",
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
                "The field `name` stands there twice.",
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
                "The body is not JSON: look at line 1, column 7.",
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
