//! A connection that knows whether the upstream has begun to answer.

use crate::open_connections::OpenConnection;
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is known about the use of a connection. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct ConnectionUse(Arc<Flags>);

#[derive(Default)]
struct Flags {
    /// How long opening it took.
    opened_in: Duration,
    /// A request was answered on it before.
    served: AtomicBool,
    /// Something was received since the request began.
    answering: AtomicBool,
    /// The head of an answer was received, so that what is sent next begins a request.
    is_between: AtomicBool,
    /// How often something was received. It may wrap.
    received: AtomicU32,
    /// Nothing more is to be sent.
    is_given_up: AtomicBool,
    /// Of the task whose write waits for the upstream to read.
    writer: Mutex<Option<Waker>>,
}

/// How long it took to open the connection of an answer, name and TLS included. An extension of answers
/// on new connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedIn(pub Duration);

/// How much had arrived at a moment. Equal ones mean that nothing has since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received(u32);

impl ConnectionUse {
    fn opened_in(opened_in: Duration) -> Self {
        Self(Arc::new(Flags {
            opened_in,
            ..Flags::default()
        }))
    }

    /// Notes that the head of an answer was received. Returns how long opening the connection took if
    /// that was the first one.
    pub(crate) fn note_served(&self) -> Option<Duration> {
        let served = self.0.served.swap(true, Ordering::Relaxed);
        self.0.is_between.store(true, Ordering::Relaxed);
        (!served).then_some(self.0.opened_in)
    }

    /// Lets a write fail that waits for the upstream to read, now or later. That closes the connection.
    pub(crate) fn give_up(&self) {
        let flags = &self.0;
        flags.is_given_up.store(true, Ordering::SeqCst);
        let mut writer = flags.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = writer.take() {
            writer.wake();
        }
    }

    /// Whether nothing more is to be sent. If not, `context` is woken once it is so.
    fn poll_given_up(&self, context: &Context<'_>) -> bool {
        let flags = &self.0;
        let mut writer = flags.writer.lock().unwrap_or_else(PoisonError::into_inner);
        *writer = Some(context.waker().clone());
        drop(writer);
        flags.is_given_up.load(Ordering::SeqCst)
    }

    /// What has arrived so far.
    pub(crate) fn received(&self) -> Received {
        Received(self.0.received.load(Ordering::Relaxed))
    }

    /// For a connection that requests share: whether it answered an earlier request, and nothing has arrived
    /// since a moment.
    pub(crate) fn died_since(&self, before: Received) -> bool {
        self.0.served.load(Ordering::Relaxed) && self.received() == before
    }

    /// Whether it was kept from an earlier request and died before the first byte of this one's
    /// answer: most likely the upstream closed it while the request was on its way.
    pub(crate) fn died_while_kept(&self) -> bool {
        self.0.served.load(Ordering::Relaxed) && !self.0.answering.load(Ordering::Relaxed)
    }
}

/// A stream that keeps its [`ConnectionUse`] up to date.
pub(crate) struct TrackedStream<S> {
    stream: S,
    usage: ConnectionUse,
    _open: OpenConnection,
}

impl<S> TrackedStream<S> {
    /// A stream that took this long to open.
    pub(crate) fn new(stream: S, open: OpenConnection, opened_in: Duration) -> Self {
        Self {
            stream,
            _open: open,
            usage: ConnectionUse::opened_in(opened_in),
        }
    }

    fn note_write(
        &self,
        polled: Poll<io::Result<usize>>,
        context: &Context<'_>,
    ) -> Poll<io::Result<usize>> {
        // An upstream may begin to answer while the body is still being sent.
        let flags = &self.usage.0;
        if matches!(polled, Poll::Ready(Ok(_))) && flags.is_between.swap(false, Ordering::Relaxed) {
            flags.answering.store(false, Ordering::Relaxed);
        }
        match polled {
            Poll::Pending if self.usage.poll_given_up(context) => {
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            polled => polled,
        }
    }
}

impl<S> AsRef<ConnectionUse> for TrackedStream<S> {
    fn as_ref(&self) -> &ConnectionUse {
        &self.usage
    }
}

impl<S: Connection> Connection for TrackedStream<S> {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.usage.clone())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TrackedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            let flags = &self.usage.0;
            flags.answering.store(true, Ordering::Relaxed);
            flags.received.fetch_add(1, Ordering::Relaxed);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TrackedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note_write(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_connections::OpenConnections;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    #[tokio::test]
    async fn a_request_whose_answer_has_begun_is_not_sent_again() {
        let (near, mut far) = duplex(64);
        let open = OpenConnections::default().open();
        let mut stream = TrackedStream::new(near, open, Duration::from_millis(3));
        let usage = stream.usage.clone();
        stream.write_all(b"one").await.unwrap();
        far.write_all(b"head").await.unwrap();
        stream.read_exact(&mut [0; 4]).await.unwrap();
        assert!(!usage.died_while_kept());
        assert_eq!(usage.note_served(), Some(Duration::from_millis(3)));

        stream.write_all(b"two").await.unwrap();
        assert!(usage.died_while_kept());
        far.write_all(b"he").await.unwrap();
        stream.read_exact(&mut [0; 2]).await.unwrap();
        stream.write_all(b"the rest of its body").await.unwrap();
        assert!(!usage.died_while_kept());
        assert_eq!(usage.note_served(), None);
    }
}
