//! `/api/v1/requests/live`: records as they are written, as server-sent events.

use super::api_route::QueryParameter;
use super::authenticate::still_signed_in;
use super::caller::Caller;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::http::app::App;
use crate::request_log::{Followed, RequestLog};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body::Frame;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval, sleep};
use waypost_api_types::RequestLogStatus;

pub(super) const PARAMETERS: &[QueryParameter] = &[QueryParameter {
    name: "after",
    description: "Begin with the record after this number: the `latest` of a list. A `Last-Event-ID` header, which browsers send when they connect again, takes its place. Without either, begin with the next record.",
}];

/// How often the session of a stream is checked, and the state of the log, if no request ends.
const CHECK: Duration = Duration::from_secs(1);

/// How often something is sent, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Events that wait for a client that reads slowly.
const QUEUE: usize = 16;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) async fn stream(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let mut query = Query::read(&uri, PARAMETERS)?;
    let asked = query.text("after");
    let again = headers.get(&LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let after = match again.or(asked.as_deref()) {
        Some(text) => Some(text.parse::<i64>().map_err(|_| {
            let detail = "The parameter `after` must be the number of a record.";
            invalid("after", detail.to_owned())
        })?),
        None => None,
    };
    let Some(place) = app.request_log().stream_place(caller.actor().as_str()) else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_streams",
            "Too many live lists are open. Close one, or read `GET /api/v1/requests` from time to time.",
        )
        .with_header(header::RETRY_AFTER, 30.into()));
    };
    let (sender, receiver) = mpsc::channel(QUEUE);
    let log = app.request_log().clone();
    tokio::spawn(async move {
        let events = Events {
            status: log.status(),
            log,
            sender,
            app: app.clone(),
            headers,
        };
        // Ends also when the client has left: sending fails then.
        events.run(after).await;
        drop(place);
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Tells nginx to pass events on at once.
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, Body::new(EventBody(receiver))).into_response())
}

/// The body of a stream: what its task sends.
struct EventBody(mpsc::Receiver<Bytes>);

impl http_body::Body for EventBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let received = self.0.poll_recv(context);
        received.map(|event| event.map(|event| Ok(Frame::data(event))))
    }
}

/// The client has left, its session has ended, or the process is about to stop.
struct Over;

struct Events {
    log: RequestLog,
    sender: mpsc::Sender<Bytes>,
    /// The state of the log that was sent last.
    status: RequestLogStatus,
    app: App,
    /// Those of the request, which say who reads.
    headers: HeaderMap,
}

impl Events {
    async fn run(mut self, after: Option<i64>) {
        let _ = self.send_all(after).await;
    }

    async fn send_all(&mut self, after: Option<i64>) -> Result<(), Over> {
        let mut follower = self.log.follow(after);
        let last = follower.begin().await;
        // What ends from here on is sent, also to a client that connects again before the first event.
        let id = last.map_or_else(String::new, |last| format!("id: {last}\n"));
        self.send(format!("retry: 2000\n{id}\n")).await?;
        let mut sent_at = Instant::now();
        let mut checks = interval(CHECK);
        loop {
            let followed = tokio::select! {
                followed = follower.next() => Some(followed),
                _ = checks.tick() => None,
                () = self.sender.closed() => return Err(Over),
                () = self.app.drain().begun() => return Err(Over),
            };
            self.check()?;
            let is_sent = match followed {
                Some(Followed::Record { number, json }) => {
                    self.send(event("request", Some(number), &json)).await?;
                    true
                }
                Some(Followed::Reset(number)) => {
                    // An event with an id, so that the next connection does not miss them again.
                    self.send(event("reset", Some(number), "{}")).await?;
                    true
                }
                None => self.send_status().await?,
            };
            if is_sent {
                sent_at = Instant::now();
            } else if sent_at.elapsed() >= HEARTBEAT {
                self.send(": still here\n\n".to_owned()).await?;
                sent_at = Instant::now();
            }
        }
    }

    /// Sends the state of the log if it has changed.
    async fn send_status(&mut self) -> Result<bool, Over> {
        let status = self.log.status();
        if status == self.status {
            return Ok(false);
        }
        // JSON has no line breaks outside of its texts, and in them they are escaped.
        let json = serde_json::to_string(&status).expect("a status is JSON");
        self.send(event("log", None, &json)).await?;
        self.status = status;
        Ok(true)
    }

    /// Sends an event. A client that does not read waits no longer than its session lasts.
    async fn send(&self, event: String) -> Result<(), Over> {
        loop {
            tokio::select! {
                place = self.sender.reserve() => {
                    place.map_err(|_| Over)?.send(event.into());
                    return Ok(());
                }
                () = sleep(CHECK) => self.check()?,
            }
        }
    }

    /// Ends the stream once its caller is no longer let in, or the process is about to stop.
    fn check(&self) -> Result<(), Over> {
        let is_over = self.app.drain().has_begun() || !still_signed_in(&self.app, &self.headers);
        match is_over {
            true => Err(Over),
            false => Ok(()),
        }
    }
}

/// An event with data in JSON.
fn event(name: &str, id: Option<i64>, data: &str) -> String {
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {name}\n{id}data: {data}\n\n")
}
