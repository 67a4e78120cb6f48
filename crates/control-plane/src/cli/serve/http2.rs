//! Serves HTTP/2, which browsers and proxies choose over TLS: several requests on one connection at the
//! same time, each within the limits that it would have on its own connection.
//!
//! A limit that one stream exceeds ends that stream. What only the client of HTTP/2 can do, such as opening
//! streams and resetting them at once, ends the connection.

use super::activity::{Activity, Exchange};
use super::limits::ConnectionLimits;
use super::site::{Phase, Served, is_event_stream, refusal, respond};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use waypost_forwarding::Forwarding;

/// Requests of one connection at the same time.
pub(super) const STREAMS: u32 = 64;

/// Streams that a client may reset before they are answered, beyond one for each that it lets end. Past
/// that it opens them for the work that they cause.
const RESETS: usize = 100;

/// What a client may send of one body before a handler reads it, in bytes, and of all bodies.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// What is kept of one answer that the client does not take, in bytes.
const SEND_BUFFER: usize = 64 * 1024;

/// Names and values of the head of a request, in bytes.
const HEADER_LIST: u32 = 64 * 1024;

/// Serves until the client leaves, a limit is exceeded, the connection is evicted, or the server stops.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    served: Served,
    phase: Phase,
) {
    let activity = Arc::clone(&served.activity);
    let limits = served.limits;
    activity.have_streams();
    let streams = Streams::new(Arc::clone(&activity));
    let tasks = StreamTasks::default();
    let is_draining = phase.is_draining();
    let service = service_fn({
        let streams = streams.clone();
        move |request| answer(request, served.clone(), streams.clone(), is_draining)
    });
    let connection = http2::Builder::new(tasks.clone())
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEADER_LIST)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut timer = pin!(sleep_until(Instant::now() + limits.idle));
    let mut stop = pin!(phase.stop());
    let (mut is_leaving, mut has_stopped) = (false, false);
    loop {
        let served = poll_fn(|context| {
            streams.wake_on_change(context.waker());
            if connection.as_mut().poll(context).is_ready() || streams.is_abusive() {
                return Poll::Ready(true);
            }
            if streams.is_to_leave() {
                return Poll::Ready(false);
            }
            loop {
                let now = Instant::now();
                streams.give_up_late(now, &limits);
                let deadline = activity.deadline(&limits);
                if deadline.is_some_and(|deadline| deadline <= now) {
                    return Poll::Ready(true);
                }
                let next = [deadline, streams.deadline(&limits)];
                let Some(next) = next.into_iter().flatten().min() else {
                    return Poll::Pending;
                };
                timer.as_mut().reset(next);
                if timer.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
            }
        });
        tokio::select! {
            has_ended = served => if has_ended { break },
            () = activity.evicted() => {}
            () = &mut stop, if !has_stopped => {
                has_stopped = true;
                streams.stop();
            }
        }
        if streams.is_empty() {
            break;
        }
        if !is_leaving {
            is_leaving = true;
            connection.as_mut().graceful_shutdown();
        }
    }
    // Handlers of requests whose client has gone would otherwise go on.
    tasks.end().await;
}

/// The tasks that hyper makes of streams: they end with their connection.
#[derive(Clone, Default)]
struct StreamTasks(Arc<Mutex<JoinSet<()>>>);

impl StreamTasks {
    fn set(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn end(&self) {
        let mut set = std::mem::take(&mut *self.set());
        set.shutdown().await;
    }
}

impl<F> Executor<F> for StreamTasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        let mut set = self.set();
        while set.try_join_next().is_some() {}
        set.spawn(task);
    }
}

/// The open streams of a connection. Clones share them.
#[derive(Clone)]
struct Streams(Arc<Inner>);

struct Inner {
    connection: Arc<Activity>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next_id: u64,
    open: BTreeMap<u64, Arc<Stream>>,
    /// Streams that ended before they were answered, less those that were answered.
    resets: usize,
    /// An answer was sent that is to be the last.
    is_to_leave: bool,
    /// Of the task that drives the connection.
    waker: Option<Waker>,
}

/// One stream.
struct Stream {
    activity: Arc<Activity>,
    /// Notified when it is given up before its answer has begun.
    gives_up: Notify,
    answer: Mutex<AnswerState>,
}

#[derive(Default)]
struct AnswerState {
    /// Taken when the stream is given up, so that what makes the answer stops at once.
    body: Option<Body>,
    waker: Option<Waker>,
}

impl Streams {
    fn new(connection: Arc<Activity>) -> Self {
        Self(Arc::new(Inner {
            connection,
            state: Mutex::default(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> OpenStream {
        let connection = &self.0.connection;
        let stream = Arc::new(Stream {
            activity: Activity::new(connection.peer, connection.in_reserve),
            gives_up: Notify::new(),
            answer: Mutex::default(),
        });
        let mut state = self.state();
        state.next_id += 1;
        let id = state.next_id;
        state.open.insert(id, Arc::clone(&stream));
        connection.note_streams(state.open.len());
        OpenStream {
            streams: self.clone(),
            stream,
            id,
            has_answer: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.state().open.is_empty()
    }

    fn is_abusive(&self) -> bool {
        self.state().resets > RESETS
    }

    fn is_to_leave(&self) -> bool {
        std::mem::take(&mut self.state().is_to_leave)
    }

    /// Lets the task of the connection look at the streams again: their states change in other tasks.
    fn wake_on_change(&self, waker: &Waker) {
        self.state().waker = Some(waker.clone());
    }

    fn wake(&self) {
        let waker = self.state().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// When the first stream exceeds a limit, unless something happens on it first.
    fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        let state = self.state();
        let streams = state.open.values();
        streams
            .filter_map(|stream| stream.activity.deadline(limits))
            .min()
    }

    fn give_up_late(&self, now: Instant, limits: &ConnectionLimits) {
        let mut late = Vec::new();
        let mut state = self.state();
        state.open.retain(|_, stream| {
            let deadline = stream.activity.deadline(limits);
            let is_late = deadline.is_some_and(|deadline| deadline <= now);
            if is_late {
                late.push(Arc::clone(stream));
            }
            !is_late
        });
        if !late.is_empty() {
            // A client that takes nothing may keep a stream that was given up.
            self.0.connection.note_streams(state.open.len());
        }
        drop(state);
        for stream in late {
            stream.give_up();
        }
    }

    /// Notes that the server was asked to stop. Streams of the dashboard lose nothing by ending now.
    fn stop(&self) {
        let streams: Vec<_> = self.state().open.values().cloned().collect();
        for stream in streams {
            stream.activity.stop();
            if stream.activity.is_endless() {
                stream.give_up();
            }
        }
    }
}

impl Stream {
    fn answer(&self) -> MutexGuard<'_, AnswerState> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it, and what answers it.
    fn give_up(&self) {
        self.gives_up.notify_one();
        let AnswerState { body, waker } = std::mem::take(&mut *self.answer());
        drop(body);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// An open stream, closed when it is dropped.
struct OpenStream {
    streams: Streams,
    stream: Arc<Stream>,
    id: u64,
    has_answer: bool,
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut state = self.streams.state();
        state.open.remove(&self.id);
        state.resets = match self.has_answer {
            true => state.resets.saturating_sub(1),
            false => state.resets + 1,
        };
        self.streams.0.connection.note_streams(state.open.len());
        drop(state);
        self.streams.wake();
    }
}

async fn answer(
    request: Request<Incoming>,
    served: Served,
    streams: Streams,
    is_draining: bool,
) -> Result<Response<StreamBody>, io::Error> {
    let mut open = streams.open();
    let stream = Arc::clone(&open.stream);
    let (mut parts, body) = request.into_parts();
    let is_ambiguous = !name_host(&mut parts);
    // Whatever decides by the address comes after this.
    served.site.public_path.strip(&mut parts.uri);
    let is_forwarded = Forwarding::serves(parts.uri.path());
    let (exchange, body) = Exchange::begin(&stream.activity, body, is_forwarded);
    streams.wake();
    let refusal = match is_ambiguous {
        true => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Some(response)
        }
        false => refusal(&parts, is_draining, served.activity.in_reserve),
    };
    let is_last = refusal.is_some() || is_draining;
    let response = tokio::select! {
        response = respond(parts, body, served.peer, served.site, refusal) => response,
        () = stream.gives_up.notified() => return Err(io::ErrorKind::TimedOut.into()),
    };
    if !is_forwarded && is_event_stream(&response) {
        exchange.note_endless();
    }
    if is_last {
        streams.state().is_to_leave = true;
    }
    open.has_answer = true;
    Ok(response.map(|body| {
        stream.answer().body = Some(body);
        StreamBody {
            stream,
            _exchange: exchange,
            open,
        }
    }))
}

/// Gives a request the form that it has in HTTP/1.1: a path, and the host in a header, which the checks
/// of hosts and of other sites read. Returns whether it names one host.
fn name_host(parts: &mut Parts) -> bool {
    let authority = parts.uri.authority().map(|it| it.as_str().to_owned());
    if let Some(path) = parts.uri.path_and_query().cloned() {
        parts.uri = path.into();
    }
    let mut named = parts.headers.get_all(header::HOST).iter();
    let (host, further) = (named.next().cloned(), named.next());
    if further.is_some() {
        return false;
    }
    let Some(authority) = authority.and_then(|text| HeaderValue::try_from(text).ok()) else {
        return host.is_some();
    };
    let is_one = host.is_none_or(|host| host == authority);
    parts.headers.insert(header::HOST, authority);
    is_one
}

/// The body of an answer, which ends its stream when it is dropped.
struct StreamBody {
    stream: Arc<Stream>,
    _exchange: Exchange,
    open: OpenStream,
}

impl HttpBody for StreamBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let activity = &self.stream.activity;
        // It is asked for more only once the client has room for it.
        activity.wrote(true);
        let mut answer = self.stream.answer();
        let Some(body) = &mut answer.body else {
            let gone = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(gone))));
        };
        let polled = Pin::new(body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(_))) => {
                activity.wrote(false);
                drop(answer);
                self.open.streams.wake();
            }
            Poll::Ready(_) => {}
            Poll::Pending => answer.waker = Some(context.waker().clone()),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let answer = self.stream.answer();
        answer.body.as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let answer = self.stream.answer();
        match &answer.body {
            Some(body) => body.size_hint(),
            None => SizeHint::default(),
        }
    }
}
