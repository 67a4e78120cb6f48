//! One HTTP/2 connection: its limits, its places for requests, and its upkeep.

use crate::tracked_stream::{ConnectionUse, Received};
use bytes::Bytes;
use h2::client::{Builder, Connection, SendRequest};
use h2::{Ping, PingPong};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Requests at the same time on a connection, or fewer if the upstream allows fewer.
pub(super) const STREAMS: usize = 32;

/// What an upstream may send of one answer before the caller reads it, in bytes.
pub(super) const STREAM_WINDOW: u32 = 256 * 1024;

/// All streams can be full at the same time, so that callers that do not read hold up no other.
pub(super) const CONNECTION_WINDOW: u32 = STREAM_WINDOW * 32;
const _: () = assert!(CONNECTION_WINDOW as usize == STREAM_WINDOW as usize * STREAMS);

/// What h2 allows unread frames to take beyond their bytes: a window full of frames of 50 bytes or more,
/// for every stream. Beyond it the connection ends.
const SMALL_FRAMES: usize = 1024 * 1024 * STREAMS;

/// Names and values in the head of an answer, as HTTP/2 counts them, in bytes.
const HEADER_LIST: u32 = 64 * 1024;

/// How often a connection is looked after.
const TICK: Duration = Duration::from_secs(10);

/// After so many ticks without a request it is closed: before most servers close it.
const IDLE_TICKS: u32 = 3;

/// After so many ticks in which nothing arrived, although the upstream was pinged, it is dead.
const SILENT_TICKS: u32 = 3;

/// A connection that requests share.
pub(crate) struct Http2Connection {
    sender: SendRequest<Bytes>,
    /// Requests under way.
    active: AtomicUsize,
    /// Requests that were ever given a place.
    uses: AtomicUsize,
    usage: ConnectionUse,
}

/// A place for one request on a connection, given back when it is dropped.
pub(crate) struct Slot(Arc<Http2Connection>);

impl Http2Connection {
    /// Begins HTTP/2 on a stream. A task drives the connection and calls `retire` once it is idle.
    pub(super) async fn open<S>(
        stream: S,
        retire: impl Fn(&Self) + Send + Sync + 'static,
    ) -> Result<Arc<Self>, h2::Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + AsRef<ConnectionUse> + 'static,
    {
        let usage = stream.as_ref().clone();
        let (sender, driven) = Builder::new()
            .enable_push(false)
            .initial_max_send_streams(STREAMS)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEADER_LIST)
            .data_frame_budget(SMALL_FRAMES)
            .handshake(stream)
            .await?;
        let connection = Arc::new(Self {
            sender,
            active: AtomicUsize::new(0),
            uses: AtomicUsize::new(0),
            usage: usage.clone(),
        });
        let shared = Arc::downgrade(&connection);
        tokio::spawn(drive(driven, shared, usage, retire));
        Ok(connection)
    }

    /// Whether requests may begin on it: the upstream has neither left nor announced that it will.
    pub(super) fn is_open(&self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        matches!(
            self.sender.clone().poll_ready(&mut context),
            Poll::Ready(Ok(()))
        )
    }

    pub(super) fn is_used(&self) -> bool {
        self.active.load(Ordering::Relaxed) > 0
    }

    /// A place, if one is free. The pool's lock is held, so that no two take the last one.
    pub(super) fn slot(self: &Arc<Self>) -> Option<Slot> {
        let allowed = self.sender.current_max_send_streams().min(STREAMS);
        (self.active.load(Ordering::Relaxed) < allowed).then(|| Self::first_slot(self))
    }

    /// A place on a new connection, whatever the upstream allows: a request fails rather than opening
    /// connections without end.
    pub(super) fn first_slot(connection: &Arc<Self>) -> Slot {
        connection.active.fetch_add(1, Ordering::Relaxed);
        connection.uses.fetch_add(1, Ordering::Relaxed);
        Slot(Arc::clone(connection))
    }
}

impl Slot {
    pub(super) fn sender(&self) -> SendRequest<Bytes> {
        self.0.sender.clone()
    }

    pub(super) fn usage(&self) -> &ConnectionUse {
        &self.0.usage
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Reads and writes until the connection ends: because the upstream leaves, because nothing refers to it
/// any more, or because nothing arrives.
async fn drive<S>(
    mut connection: Connection<S, Bytes>,
    shared: Weak<Http2Connection>,
    usage: ConnectionUse,
    retire: impl Fn(&Http2Connection),
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut upkeep = Upkeep {
        pings: connection.ping_pong().expect("they are taken once"),
        received: usage.received(),
        silent: 0,
        uses: 0,
        idle: 0,
    };
    let mut ticks = interval_at(Instant::now() + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connection = pin!(connection);
    poll_fn(|context| {
        // Every stream has its own copy of the error.
        if connection.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        while ticks.poll_tick(context).is_ready() {
            if !upkeep.is_alive(usage.received(), context) {
                return Poll::Ready(());
            }
            if let Some(shared) = shared.upgrade()
                && upkeep.is_idle(&shared)
            {
                retire(&shared);
            }
        }
        Poll::Pending
    })
    .await;
}

/// What was seen at the last tick.
struct Upkeep {
    pings: PingPong,
    received: Received,
    silent: u32,
    uses: usize,
    idle: u32,
}

impl Upkeep {
    /// Pings an upstream from which nothing arrived. A connection that leads nowhere would otherwise take
    /// requests until their time is up.
    fn is_alive(&mut self, received: Received, context: &mut Context<'_>) -> bool {
        let is_silent = std::mem::replace(&mut self.received, received) == received;
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        if is_silent {
            let _ = self.pings.poll_pong(context);
            // Fails while the last one was not answered, which is as good as another.
            let _ = self.pings.send_ping(Ping::opaque());
        }
        self.silent < SILENT_TICKS
    }

    fn is_idle(&mut self, connection: &Http2Connection) -> bool {
        let uses = connection.uses.load(Ordering::Relaxed);
        let is_same = std::mem::replace(&mut self.uses, uses) == uses;
        let is_idle = is_same && !connection.is_used();
        self.idle = if is_idle { self.idle + 1 } else { 0 };
        self.idle >= IDLE_TICKS
    }
}
