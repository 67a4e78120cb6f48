//! Serves HTTP/1.1: the requests of one connection, one after the other.

use super::activity::{Activity, AnswerBody, Exchange};
use super::site::{Phase, Served, Site, is_event_stream, refusal, respond};
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use waypost_forwarding::Forwarding;

/// Serves until the client leaves, a limit is exceeded, the connection is evicted, or the server
/// stops.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    served: Served,
    phase: Phase,
) {
    let Served {
        peer,
        site,
        activity,
        limits,
    } = served;
    let is_draining = phase.is_draining();
    let service = service_fn({
        let activity = Arc::clone(&activity);
        move |request| {
            answer(
                request,
                peer,
                site.clone(),
                Arc::clone(&activity),
                is_draining,
            )
        }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let far = Instant::now() + limits.idle;
    let mut timer = pin!(sleep_until(activity.deadline(&limits).unwrap_or(far)));
    let mut stop = pin!(phase.stop());
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
    site: Site,
    activity: Arc<Activity>,
    is_draining: bool,
) -> Result<Response<AnswerBody>, Infallible> {
    let (mut parts, body) = request.into_parts();
    // Whatever decides by the address comes after this.
    site.public_path.strip(&mut parts.uri);
    let is_forwarded = Forwarding::serves(parts.uri.path());
    let (exchange, body) = Exchange::begin(&activity, body, is_forwarded);
    let refusal = refusal(&parts, is_draining, activity.in_reserve);
    let is_last = refusal.is_some() || is_draining;
    let response = respond(parts, body, peer, site, refusal).await;
    if !is_forwarded && is_event_stream(&response) {
        exchange.note_endless();
    }
    let response = match is_last {
        true => closing(response),
        false => response,
    };
    Ok(response.map(|body| AnswerBody {
        body,
        _exchange: exchange,
    }))
}

fn closing(mut response: Response<Body>) -> Response<Body> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}
