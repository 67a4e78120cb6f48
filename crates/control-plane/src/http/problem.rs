//! Errors on the wire: `application/problem+json`, made in this one place.

use crate::store::StoreError;
use crate::workspace::{DomainError, ErrorKind, Evidence};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use waypost_api_types::Problem;

/// An error as an HTTP answer.
#[derive(Clone, Debug)]
pub struct ApiError {
    status: StatusCode,
    problem: Box<Problem>,
    header: Option<(HeaderName, HeaderValue)>,
    member: Option<Box<(&'static str, Value)>>,
}

impl ApiError {
    /// Creates an error with a stable code, and what happened and what to do next.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            status,
            problem: Box::new(Problem {
                code: code.to_owned(),
                status: status.as_u16(),
                title: status.canonical_reason().unwrap_or("Error").to_owned(),
                detail: detail.into(),
                ..Problem::default()
            }),
            header: None,
            member: None,
        }
    }

    /// Names the request field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.problem.field = Some(field.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Adds a member of the problem that its type does not have.
    #[must_use]
    pub(super) fn with_member(mut self, name: &'static str, value: Value) -> Self {
        self.member = Some(Box::new((name, value)));
        self
    }

    /// The request has no valid session.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "not_signed_in",
            "You are not signed in, or your session has ended. Open a sign-in link: `waypost serve` prints one at each start, and `waypost sign-in-link` creates another.",
        )
    }

    /// The role of the session does not allow the request.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "You are signed in as a viewer, who may only read and request routes. To make changes, open an administrator's sign-in link from `waypost sign-in-link`.",
        )
    }

    /// There is no such address.
    #[must_use]
    pub fn no_such_address() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_address",
            "Not found. `/api/openapi.json` lists every endpoint of the API.",
        )
    }

    /// A bug in Waypost interrupted the request.
    #[must_use]
    pub fn fault() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Internal error. Check whether the request took effect before you retry it. The log has the details.",
        )
    }

    /// The address is right and the method is not.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "Method not allowed. The `Allow` header lists the accepted methods.",
        )
    }
}

impl From<DomainError> for ApiError {
    fn from(error: DomainError) -> Self {
        let status = match error.kind {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Gone => StatusCode::GONE,
            ErrorKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let mut answer = Self::new(status, error.code, error.message);
        answer.problem.field = error.field;
        answer.problem.suggestion = error.suggestion;
        match error.evidence.map(|evidence| *evidence) {
            None => {}
            Some(Evidence::Document(errors)) => answer.problem.errors = errors,
            Some(Evidence::Check(report)) => answer.problem.check = Some(Box::new(report)),
            Some(Evidence::Current(current)) => answer.problem.current = Some(current),
        }
        answer
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        DomainError::from(error).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = match self.member {
            None => serde_json::to_vec(&self.problem),
            Some(member) => serde_json::to_value(&self.problem).and_then(|mut problem| {
                problem[member.0] = member.1;
                serde_json::to_vec(&problem)
            }),
        };
        let body = body.expect("a problem is JSON");
        let media_type = HeaderValue::from_static("application/problem+json");
        let mut response =
            (self.status, [(header::CONTENT_TYPE, media_type)], body).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
