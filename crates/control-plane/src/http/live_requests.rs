//! `/api/v1/requests/live`: records as they are written, as server-sent events.

use super::api_route::QueryParameter;
use super::authenticate::still_signed_in;
use super::problem::ApiError;
use super::query::{Query, invalid};
use crate::http::app::App;
use crate::request_log::RequestLog;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http_body::Frame;
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use waypost_api_types::RequestLogStatus;

pub(super) const PARAMETERS: &[QueryParameter] = &[QueryParameter {
    name: "after",
    description: "Begin with the record after this number: the `latest` of a list. A `Last-Event-ID` header, which browsers send when they connect again, takes its place. Without either, begin with the next record.",
}];

/// How many records a stream that connects again catches up with. One that missed more is sent `reset`.
const MOST_MISSED: u32 = 500;

/// How often the session of a stream is checked, and the state of the log.
const CHECK: Duration = Duration::from_secs(1);

/// How often something is sent, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Events that wait for a client that reads slowly.
const QUEUE: usize = 16;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) async fn stream(
    State(app): State<App>,
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
    let Some(place) = app.request_log().stream_place() else {
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
        };
        // Ends also when the client has left: sending fails then.
        events.run(after, &app, &headers).await;
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
}

impl Events {
    async fn run(mut self, after: Option<i64>, app: &App, headers: &HeaderMap) {
        let _ = self.send_all(after, app, headers).await;
    }

    async fn send_all(
        &mut self,
        after: Option<i64>,
        app: &App,
        headers: &HeaderMap,
    ) -> Result<(), Over> {
        let mut changes = self.log.changes();
        let drain = app.drain();
        let mut last = match after {
            Some(after) => Some(after),
            None => self.log.latest().await.ok(),
        };
        // What ends from here on is sent.
        self.send("retry: 2000\n\n".to_owned()).await?;
        let mut sent_at = Instant::now();
        loop {
            let before = last;
            last = match last {
                Some(last) => Some(self.catch_up(last).await?),
                // If the log cannot be read, its state says so, and the next look tries again.
                None => self.log.latest().await.ok(),
            };
            if self.send_status().await? || last != before {
                sent_at = Instant::now();
            }
            if sent_at.elapsed() >= HEARTBEAT {
                self.send(": still here\n\n".to_owned()).await?;
                sent_at = Instant::now();
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = sleep(CHECK) => {}
                () = drain.begun() => return Err(Over),
                () = self.sender.closed() => return Err(Over),
            }
            if !still_signed_in(app, headers) {
                return Err(Over);
            }
        }
    }

    /// Sends the records after a number. Returns the number of the last one.
    async fn catch_up(&self, mut last: i64) -> Result<i64, Over> {
        // If the log cannot be read, its state says so, and the next look finds what was missed.
        let Ok(missed) = self.log.after(last, MOST_MISSED + 1).await else {
            return Ok(last);
        };
        if missed.len() > MOST_MISSED as usize {
            let Ok(latest) = self.log.latest().await else {
                return Ok(last);
            };
            // An event with an id, so that the next connection does not miss them again.
            self.send(format!("event: reset\nid: {latest}\ndata: {{}}\n\n"))
                .await?;
            return Ok(latest);
        }
        for item in missed {
            last = item.number;
            self.send(event("request", Some(last), &item)).await?;
        }
        Ok(last)
    }

    /// Sends the state of the log if it has changed.
    async fn send_status(&mut self) -> Result<bool, Over> {
        let status = self.log.status();
        if status == self.status {
            return Ok(false);
        }
        self.send(event("log", None, &status)).await?;
        self.status = status;
        Ok(true)
    }

    async fn send(&self, event: String) -> Result<(), Over> {
        self.sender.send(event.into()).await.map_err(|_| Over)
    }
}

fn event(name: &str, id: Option<i64>, data: &impl Serialize) -> String {
    // JSON has no line breaks outside of its texts, and in them they are escaped.
    let data = serde_json::to_string(data).expect("a view is JSON");
    let id = id.map_or_else(String::new, |id| format!("id: {id}\n"));
    format!("event: {name}\n{id}data: {data}\n\n")
}
