//! What is served on an address, whatever the version of HTTP, and what is refused.

use super::activity::Activity;
use super::limits::ConnectionLimits;
use super::tls::ServerTls;
use crate::http::drain::Drain;
use crate::http::problem::ApiError;
use crate::http::public_path::PublicPath;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use std::net::SocketAddr;
use std::sync::Arc;
use tower::Service as _;
use waypost_forwarding::{Forwarding, TOO_MANY_REQUESTS};

/// What is answered while the process ends.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What is served on an address.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) router: Router,
    /// The path that is removed from the addresses of requests.
    pub(super) public_path: PublicPath,
    pub(super) tls: Option<ServerTls>,
}

/// Whether the process was about to end when a connection was accepted.
pub(super) enum Phase {
    /// It was not. Once it is, what is under way may end.
    Serving(Drain),
    /// It was: only probes are answered.
    Draining,
}

impl Phase {
    pub(super) fn is_draining(&self) -> bool {
        matches!(self, Self::Draining)
    }

    /// Ends once the process is asked to stop, if it was not before.
    pub(super) async fn stop(&self) {
        match self {
            Self::Serving(drain) => drain.begun().await,
            Self::Draining => std::future::pending().await,
        }
    }
}

/// One connection, as both versions of HTTP serve it.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) peer: SocketAddr,
    pub(super) site: Site,
    pub(super) activity: Arc<Activity>,
    pub(super) limits: ConnectionLimits,
}

/// The answer to a request that is not served: the process ends, or its connection is in reserve.
pub(super) fn refusal(
    request: &Parts,
    is_draining: bool,
    in_reserve: bool,
) -> Option<Response<Body>> {
    if is_draining && !PROBES.contains(&request.uri.path()) {
        return Some(shutting_down(request));
    }
    (in_reserve && !serves_in_reserve(request.uri.path())).then(|| busy(request))
}

/// The answer to a request, from the site unless it is refused.
pub(super) async fn respond(
    mut parts: Parts,
    body: Body,
    peer: SocketAddr,
    mut site: Site,
    refusal: Option<Response<Body>>,
) -> Response<Body> {
    if let Some(refusal) = refusal {
        return refusal;
    }
    parts.extensions.insert(ConnectInfo(peer));
    match site.router.call(Request::from_parts(parts, body)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Whether an answer is a stream of events, which has no end.
pub(super) fn is_event_stream(response: &Response<Body>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// Whether a connection beyond the limit serves this path. What runtimes call, and the sample,
/// must not keep administrators out.
fn serves_in_reserve(path: &str) -> bool {
    !["/v1", "/sample"].iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn busy(request: &Parts) -> Response<Body> {
    if Forwarding::serves(request.uri.path()) {
        return Forwarding::overloaded(&request.uri, &request.headers).map(Body::new);
    }
    unavailable("too_many_connections", TOO_MANY_REQUESTS)
}

fn shutting_down(request: &Parts) -> Response<Body> {
    if Forwarding::serves(request.uri.path()) {
        return Forwarding::shutting_down(&request.uri, &request.headers).map(Body::new);
    }
    unavailable(
        "shutting_down",
        "Waypost is stopping and takes no new requests. Try again once it has started again.",
    )
}

fn unavailable(code: &str, detail: &str) -> Response<Body> {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_serves_the_dashboard_and_the_admin_api() {
        for path in ["/", "/api/v1/session", "/healthz", "/v1x", "/models"] {
            assert!(serves_in_reserve(path), "{path}");
        }
        for path in ["/v1", "/v1/chat/completions", "/sample/v1/models"] {
            assert!(!serves_in_reserve(path), "{path}");
        }
    }
}
