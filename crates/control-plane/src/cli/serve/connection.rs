//! Serves the requests of one connection, within its limits.

use super::activity::{Activity, AnswerBody, Exchange, Socket};
use super::limits::ConnectionLimits;
use crate::http::drain::Drain;
use crate::http::problem::ApiError;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tower::Service as _;
use waypost_forwarding::Forwarding;

/// What is answered while the process ends.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether the process was about to end when a connection was accepted.
pub(super) enum Phase {
    /// It was not. Once it is, what is under way may end.
    Serving(Drain),
    /// It was: only probes are answered.
    Draining,
}

/// Serves until the client leaves, a limit is exceeded, the connection is evicted, or the server
/// stops.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    activity: Arc<Activity>,
    limits: ConnectionLimits,
    phase: Phase,
) {
    // An answer is written in one piece; holding its end back would only delay it.
    let _ = stream.set_nodelay(true);
    let socket = Socket {
        stream,
        activity: Arc::clone(&activity),
    };
    let is_draining = matches!(phase, Phase::Draining);
    let service = service_fn({
        let activity = Arc::clone(&activity);
        move |request| {
            answer(
                request,
                peer,
                router.clone(),
                Arc::clone(&activity),
                is_draining,
            )
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    let far = Instant::now() + limits.idle;
    let mut timer = pin!(sleep_until(activity.deadline(&limits).unwrap_or(far)));
    let mut stop = pin!(async {
        match &phase {
            Phase::Serving(drain) => drain.begun().await,
            Phase::Draining => std::future::pending().await,
        }
    });
    let (mut is_leaving, mut has_stopped) = (false, false);
    loop {
        let served = poll_fn(|context| {
            if connection.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            // Everything that moves the deadline happens inside the poll above. The timer is set
            // anew only where it would ring too late; where it rings too early, it is set then.
            let Some(deadline) = activity.deadline(&limits) else {
                return Poll::Pending;
            };
            if deadline < timer.deadline() {
                timer.as_mut().reset(deadline);
            }
            while timer.as_mut().poll(context).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(());
                }
                timer.as_mut().reset(deadline);
            }
            Poll::Pending
        });
        tokio::select! {
            () = served => return,
            () = activity.evicted() => {}
            () = &mut stop, if !has_stopped => {
                has_stopped = true;
                activity.stop();
                // It was evicted, and its answer may end within the time that is left.
                if is_leaving && !activity.awaits_request() && !activity.is_endless() {
                    continue;
                }
            }
        }
        // What has begun may come to its end; a client that has asked for nothing loses nothing.
        if activity.awaits_request() || activity.is_endless() || is_leaving {
            return;
        }
        is_leaving = true;
        connection.as_mut().graceful_shutdown();
    }
}

async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    mut router: Router,
    activity: Arc<Activity>,
    is_draining: bool,
) -> Result<Response<AnswerBody>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let is_forwarded = Forwarding::serves(parts.uri.path());
    let (exchange, body) = Exchange::begin(&activity, body, is_forwarded);
    let response = if is_draining && !PROBES.contains(&parts.uri.path()) {
        closing(shutting_down(&parts))
    } else if activity.in_reserve && !serves_in_reserve(parts.uri.path()) {
        closing(busy(&parts))
    } else {
        parts.extensions.insert(ConnectInfo(peer));
        let response = match router.call(Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match is_draining {
            true => closing(response),
            false => response,
        }
    };
    if !is_forwarded && is_event_stream(&response) {
        exchange.note_endless();
    }
    Ok(response.map(|body| AnswerBody {
        body,
        _exchange: exchange,
    }))
}

/// Whether an answer is a stream of events, which has no end.
fn is_event_stream(response: &Response<Body>) -> bool {
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
    unavailable(
        "too_many_connections",
        "Waypost is at its limit of concurrent requests. Try again in a second.",
    )
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

fn closing(mut response: Response<Body>) -> Response<Body> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
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
