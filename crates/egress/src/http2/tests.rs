//! The upkeep of connections, at a clock that tests advance.

use super::connection::Http2Connection;
use crate::open_connections::OpenConnections;
use crate::tracked_stream::TrackedStream;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A connection, the upstream's end of it, and whether it became idle.
async fn open() -> (
    Arc<Http2Connection>,
    DuplexStream,
    mpsc::UnboundedReceiver<()>,
) {
    let (near, far) = duplex(1024 * 1024);
    let stream = TrackedStream::new(near, OpenConnections::default().open(), Duration::ZERO);
    let (idle, became_idle) = mpsc::unbounded_channel();
    let retire = move |_: &Http2Connection| idle.send(()).unwrap();
    let connection = Http2Connection::open(stream, retire).await.unwrap();
    (connection, far, became_idle)
}

#[tokio::test(start_paused = true)]
async fn a_connection_from_which_nothing_comes_is_given_up_after_pings() {
    let (connection, mut far, _idle) = open().await;
    let slot = Http2Connection::first_slot(&connection);
    let begun = Instant::now();
    let mut sent = Vec::new();
    far.read_to_end(&mut sent).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 30);
    assert!(!connection.is_open());
    let ping = [0, 0, 8, 6, 0];
    let pings = sent.windows(ping.len()).filter(|bytes| *bytes == ping);
    assert_eq!(pings.count(), 1, "the second would follow its answer");
    drop(slot);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_answers_pings_stays_until_it_is_idle() {
    let (connection, far, mut idle) = open().await;
    let mut upstream = h2::server::handshake(far).await.unwrap();
    let closed = tokio::spawn(async move {
        assert!(upstream.accept().await.is_none());
        Instant::now()
    });
    let begun = Instant::now();
    let slot = Http2Connection::first_slot(&connection);
    tokio::time::sleep(Duration::from_secs(605)).await;
    assert!(connection.is_open());
    assert!(idle.try_recv().is_err(), "it is in use");
    drop(slot);
    idle.recv().await.unwrap();
    let weak: Weak<Http2Connection> = Arc::downgrade(&connection);
    drop(connection);
    assert!(weak.upgrade().is_none());
    let closed = closed.await.unwrap();
    assert_eq!(closed.duration_since(begun).as_secs(), 630);
}
