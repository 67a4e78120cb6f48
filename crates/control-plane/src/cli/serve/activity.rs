//! What a connection is waiting for, and since when.

use super::limits::ConnectionLimits;
use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How long a client must have taken nothing of an answer before its connection counts as lost. One
/// that reads slowly takes something in between.
const UNREAD: Duration = Duration::from_secs(5);

/// What a client may send behind the request that is being answered before its leaving is noticed
/// only by a write that fails, in bytes.
const MOST_AHEAD: usize = 16 * 1024;

/// What is read ahead at once, in bytes.
const AHEAD_STEP: usize = 2048;

/// Which part of an exchange a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No byte of the next request has arrived.
    Idle,
    /// Some of the request's headers have arrived.
    Head,
    /// The headers have arrived, the body has not.
    Body,
    /// The request is complete and is being answered.
    Answering,
}

#[derive(Clone, Copy)]
struct State {
    phase: Phase,
    since: Instant,
    /// Whether all of the request's body has arrived.
    is_whole: bool,
    /// Since when the client has taken no byte of what is to be written.
    stalled_since: Option<Instant>,
    /// Whether a request was answered already.
    answered: bool,
    /// Whether the request is below `/v1`, so that it may take its time when the server stops.
    is_forwarded: bool,
    /// Whether the answer is a stream that only the client or the server ends.
    is_endless: bool,
    /// When the server was asked to stop.
    stopped_at: Option<Instant>,
    /// Whether it is a connection of HTTP/2, whose streams have states of their own.
    has_streams: bool,
}

/// The state of one connection, shared by its socket, its bodies and the accept loop.
pub(super) struct Activity {
    pub(super) peer: IpAddr,
    /// Whether it was accepted beyond the limit; see [`ConnectionLimits::reserve`].
    pub(super) in_reserve: bool,
    state: Mutex<State>,
    evicted: Notify,
}

/// How willingly a connection is closed for another: lower goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// A client that has used its connection may well use it again.
    answered: bool,
    since: Instant,
}

impl Activity {
    pub(super) fn new(peer: IpAddr, in_reserve: bool) -> Arc<Self> {
        Arc::new(Self {
            peer,
            in_reserve,
            state: Mutex::new(State {
                phase: Phase::Idle,
                since: Instant::now(),
                is_whole: false,
                stalled_since: None,
                answered: false,
                is_forwarded: false,
                is_endless: false,
                stopped_at: None,
                has_streams: false,
            }),
            evicted: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        let mut state = self.state();
        state.phase = phase;
        state.since = Instant::now();
    }

    fn enter_from(&self, from: Phase, to: Phase) {
        let mut state = self.state();
        if state.phase == from {
            state.phase = to;
            state.since = Instant::now();
        }
    }

    pub(super) fn wrote(&self, progress: bool) {
        let mut state = self.state();
        if progress {
            state.stalled_since = None;
        } else {
            state.stalled_since.get_or_insert_with(Instant::now);
        }
    }

    /// When the connection is closed unless something happens on it first.
    pub(super) fn deadline(&self, limits: &ConnectionLimits) -> Option<Instant> {
        let state = *self.state();
        let phase = match state.phase {
            Phase::Idle => Some(state.since + limits.idle),
            Phase::Head => Some(state.since + limits.head),
            Phase::Body if state.is_forwarded => Some(state.since + limits.forwarded_body),
            Phase::Body => Some(state.since + limits.body),
            Phase::Answering => None,
        };
        let stalled_write = match state.is_forwarded {
            // Its streams keep to their own limits.
            _ if state.has_streams => limits.stalled_write.max(limits.forwarded_stalled_write),
            true => limits.forwarded_stalled_write,
            false => limits.stalled_write,
        };
        let stalled = state.stalled_since.map(|since| since + stalled_write);
        let stopped = state.stopped_at.filter(|_| !state.is_forwarded);
        let stopped = stopped.map(|at| at + limits.dashboard_drain);
        [phase, stalled, stopped].into_iter().flatten().min()
    }

    /// Begins to wait for a request, as after a handshake.
    pub(super) fn wait_for_request(&self) {
        self.enter(Phase::Idle);
    }

    /// Notes that it is a connection of HTTP/2. What arrives on it may belong to no request.
    pub(super) fn have_streams(&self) {
        let mut state = self.state();
        state.has_streams = true;
        state.phase = Phase::Idle;
        state.since = Instant::now();
    }

    /// Notes how many streams are open on it.
    pub(super) fn note_streams(&self, open: usize) {
        match open {
            0 => {
                self.enter(Phase::Idle);
                self.state().answered = true;
            }
            _ => self.enter_from(Phase::Idle, Phase::Answering),
        }
    }

    fn received(&self) {
        if !self.state().has_streams {
            self.enter_from(Phase::Idle, Phase::Head);
        }
    }

    /// Notes that the server was asked to stop.
    pub(super) fn stop(&self) {
        self.state().stopped_at = Some(Instant::now());
    }

    /// Whether its answer is a stream of the dashboard, which loses nothing by ending now.
    pub(super) fn is_endless(&self) -> bool {
        self.state().is_endless
    }

    /// Whether closing it loses no request that has arrived completely. An answer that the client
    /// does not read counts as lost, one that it reads slowly does not.
    pub(super) fn rank(&self) -> Option<Rank> {
        let state = *self.state();
        let since = match (state.phase, state.stalled_since) {
            // The end of an answer may still be on its way when its exchange is over.
            (_, Some(since)) => (since.elapsed() >= UNREAD).then_some(since)?,
            (Phase::Answering, None) => return None,
            (_, None) => state.since,
        };
        Some(Rank {
            answered: state.answered,
            since,
        })
    }

    /// Whether no request has begun, or only the headers of one.
    pub(super) fn awaits_request(&self) -> bool {
        matches!(self.state().phase, Phase::Idle | Phase::Head)
    }

    /// Whether a request that has arrived completely is being answered.
    fn answers_whole(&self) -> bool {
        let state = self.state();
        state.phase == Phase::Answering && state.is_whole
    }

    pub(super) fn evict(&self) {
        self.evicted.notify_one();
    }

    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }
}

/// One exchange, from the end of the request's headers until the answer was written or given up.
pub(super) struct Exchange(Arc<Activity>);

impl Exchange {
    /// Begins one; gives the request's body back in a form that notes when it has arrived.
    pub(super) fn begin(
        activity: &Arc<Activity>,
        body: Incoming,
        is_forwarded: bool,
    ) -> (Self, Body) {
        let exchange = Self(Arc::clone(activity));
        let is_whole = body.is_end_stream();
        {
            let mut state = activity.state();
            state.is_forwarded = is_forwarded;
            state.is_whole = is_whole;
        }
        if is_whole {
            activity.enter(Phase::Answering);
            return (exchange, Body::empty());
        }
        activity.enter(Phase::Body);
        let body = RequestBody {
            body,
            activity: Arc::clone(activity),
        };
        (exchange, Body::new(body))
    }

    /// Notes that the answer is a stream that only the client or the server ends.
    pub(super) fn note_endless(&self) {
        self.0.state().is_endless = true;
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
        let mut state = self.0.state();
        state.answered = true;
        state.is_endless = false;
    }
}

struct RequestBody {
    body: Incoming,
    activity: Arc<Activity>,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.activity.state().is_whole = true;
            self.activity.enter_from(Phase::Body, Phase::Answering);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for RequestBody {
    /// An answer that needs no body is under way although the body may never arrive.
    fn drop(&mut self) {
        self.activity.enter_from(Phase::Body, Phase::Answering);
    }
}

/// The body of an answer, which ends its exchange when it is dropped.
pub(super) struct AnswerBody {
    pub(super) body: Body,
    pub(super) _exchange: Exchange,
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The socket, which notes what arrives, whether the client takes what is written, and that it has
/// left while it is being answered.
pub(super) struct Socket {
    stream: TcpStream,
    activity: Arc<Activity>,
    /// What was read while a request was being answered, for the next read.
    ahead: Vec<u8>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            ahead: Vec::new(),
        }
    }

    /// Whether the client has closed its side. What it sent before is kept.
    fn is_left(&mut self, context: &mut Context<'_>) -> bool {
        while self.ahead.len() < MOST_AHEAD {
            let mut bytes = [MaybeUninit::uninit(); AHEAD_STEP];
            let mut buffer = ReadBuf::uninit(&mut bytes);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Pending => return false,
                Poll::Ready(Err(_)) => return true,
                Poll::Ready(Ok(())) if buffer.filled().is_empty() => return true,
                Poll::Ready(Ok(())) => self.ahead.extend_from_slice(buffer.filled()),
            }
        }
        false
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = match self.ahead.is_empty() {
            true => Pin::new(&mut self.stream).poll_read(context, buffer),
            false => {
                let length = self.ahead.len().min(buffer.remaining());
                buffer.put_slice(&self.ahead[..length]);
                self.ahead.drain(..length);
                Poll::Ready(Ok(()))
            }
        };
        if buffer.filled().len() > before {
            self.activity.received();
        }
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.activity.wrote(polled.is_ready());
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.activity.wrote(polled.is_ready());
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Fails once the client has left while it is being answered. hyper reads no further while it has
    /// bytes behind the request, such as a line break or a second request, but flushes whenever it is
    /// polled.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.answers_whole() && self.is_left(context) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_keeps_its_connection_and_one_that_has_stopped_does_not() {
        let activity = Activity::new([127, 0, 0, 1].into(), false);
        activity.enter(Phase::Answering);
        assert!(activity.rank().is_none());
        for _ in 0..10 {
            activity.wrote(false);
            tokio::time::advance(UNREAD - Duration::from_secs(1)).await;
            assert!(activity.rank().is_none(), "it reads slowly");
            activity.wrote(true);
        }
        activity.wrote(false);
        let stalled = Instant::now();
        tokio::time::advance(UNREAD).await;
        assert!(activity.rank().is_some_and(|rank| rank.since == stalled));
        activity.enter(Phase::Idle);
        activity.wrote(false);
        assert!(activity.rank().is_some());
        activity.wrote(true);
        activity.wrote(false);
        assert!(activity.rank().is_none(), "the rest is on its way");
    }
}
