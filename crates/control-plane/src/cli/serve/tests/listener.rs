//! The limits of the listener over real sockets. Time is paused: it moves on to the next timer
//! whenever no task can run, except in [`in_no_time`].

use crate::cli::serve::accept::{Listening, run};
use crate::cli::serve::limits::ConnectionLimits;
use crate::cli::serve::threads::Threads;
use crate::http::drain::Drain;
use crate::http::public_path::PublicPath;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http_body::{Body as HttpBody, Frame};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::Instant;

pub(super) const LIMITS: ConnectionLimits = ConnectionLimits {
    connections: 4,
    reserve: 1,
    idle: Duration::from_secs(60),
    head: Duration::from_secs(10),
    body: Duration::from_secs(40),
    forwarded_body: Duration::from_secs(50),
    stalled_write: Duration::from_secs(30),
    forwarded_stalled_write: Duration::from_secs(45),
    dashboard_drain: Duration::from_secs(10),
};

/// For forwarded requests once the server is asked to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// Does something that needs no timer, without letting time pass. On a busy machine the kernel
/// delivers bytes a little later; without this, the clock would reach the next limit first.
pub(super) async fn in_no_time<T>(work: impl Future<Output = T>) -> T {
    // A paused clock stands still while a blocking task runs.
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let blocking = tokio::task::spawn_blocking(move || {
        let _ = wait.recv();
    });
    let result = work.await;
    drop(done);
    blocking.await.unwrap();
    result
}

/// Adds a permit when it is dropped.
struct OnDrop(Arc<Semaphore>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

/// A stream of events that has no end.
struct Endless {
    has_begun: bool,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match std::mem::replace(&mut self.has_begun, true) {
            true => Poll::Pending,
            false => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: 1\n\n"))))),
        }
    }
}

async fn endless() -> impl IntoResponse {
    let body = Body::new(Endless { has_begun: false });
    ([("content-type", "text/event-stream")], body)
}

async fn panics() {
    panic!("a handler of a test panics");
}

pub(super) struct Server {
    address: SocketAddr,
    /// A handler of `/held` has begun.
    begun: Arc<Semaphore>,
    /// Lets one handler of `/held` answer.
    pub(super) release: Arc<Semaphore>,
    /// A handler of `/held` has answered or was cancelled.
    ended: Arc<Semaphore>,
    stop: mpsc::UnboundedSender<()>,
    pub(super) task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (begun, release) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let ended = Arc::new(Semaphore::new(0));
        let held = {
            let (begun, release) = (Arc::clone(&begun), Arc::clone(&release));
            let ended = Arc::clone(&ended);
            move || async move {
                let _ended = OnDrop(ended);
                begun.add_permits(1);
                release.acquire().await.unwrap().forget();
                "held\n"
            }
        };
        let router = Router::new()
            .route("/api/quick", get(async || "quick\n"))
            .route("/v1/quick", get(async || "quick\n"))
            .route("/echo", post(async |body: Bytes| body))
            .route("/v1/echo", post(async |body: Bytes| body))
            .route("/v1/large", get(async || Body::from(vec![b'x'; 64 << 20])))
            .route(
                "/peer",
                get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()),
            )
            .route("/held", get(held.clone()))
            .route("/v1/held", get(held))
            .route("/api/stream", get(endless))
            .route("/readyz", get(async || "ready\n"))
            .route("/panic", get(panics))
            .route("/large", get(async || Body::from(vec![b'x'; 64 << 20])));
        let (stop, stops) = mpsc::unbounded_channel();
        let listening = Listening {
            listener,
            router,
            public_path: PublicPath::default(),
            tls: None,
            limits: LIMITS,
        };
        let task = tokio::spawn(run(
            vec![listening],
            Threads::current(),
            Drain::default(),
            PATIENCE,
            stops,
        ));
        Self {
            address,
            begun,
            release,
            ended,
            stop,
            task,
        }
    }

    pub(super) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// A client whose request a handler holds.
    pub(super) async fn held(&self) -> Client {
        self.held_at("/held").await
    }

    pub(super) async fn held_at(&self, path: &str) -> Client {
        let mut client = self.connect().await;
        in_no_time(async {
            let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
            client.send(&request).await;
            self.begun.acquire().await.unwrap().forget();
        })
        .await;
        client
    }

    pub(super) fn ask_to_stop(&self) {
        self.stop.send(()).unwrap();
    }
}

pub(super) struct Client(TcpStream);

impl Client {
    pub(super) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until a text has come.
    pub(super) async fn expect(&mut self, end: &str) -> String {
        in_no_time(async {
            let mut text = Vec::new();
            while !text.ends_with(end.as_bytes()) {
                let mut byte = [0];
                let read = self.0.read(&mut byte).await.unwrap();
                assert_ne!(read, 0, "closed after {}", String::from_utf8_lossy(&text));
                text.push(byte[0]);
            }
            String::from_utf8(text).unwrap()
        })
        .await
    }

    pub(super) async fn quick(&mut self) {
        in_no_time(self.send("GET /api/quick HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        self.expect("quick\n").await;
    }

    /// Waits until the server closes the connection. Returns what came before.
    pub(super) async fn closed(&mut self) -> String {
        let mut text = Vec::new();
        // A reset says the same: the server has not read everything.
        let _ = self.0.read_to_end(&mut text).await;
        String::from_utf8(text).unwrap()
    }

    /// How long the server leaves the connection open, in whole seconds.
    async fn seconds_open(&mut self) -> u64 {
        let begun = Instant::now();
        assert_eq!(self.closed().await, "");
        begun.elapsed().as_secs()
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_before_and_after_a_request() {
    let server = Server::start().await;
    assert_eq!(server.connect().await.seconds_open().await, 60);
    let mut used = server.connect().await;
    used.quick().await;
    used.quick().await;
    assert_eq!(used.seconds_open().await, 60);
}

#[tokio::test(start_paused = true)]
async fn headers_have_a_time_limit_that_dripping_does_not_extend() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.quick().await;
    let begun = Instant::now();
    client.send("GET /api/quick HTTP/1.1\r\n").await;
    let drip = async {
        loop {
            tokio::time::sleep(Duration::from_secs(3)).await;
            if client.0.write_all(b"x: y\r\n").await.is_err() {
                return;
            }
        }
    };
    drip.await;
    // The drop after the one that met a closed connection is the first to fail.
    assert!((10..=16).contains(&begun.elapsed().as_secs()), "{begun:?}");
}

#[tokio::test(start_paused = true)]
async fn half_sent_headers_are_not_waited_for() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send("GET /api/quick HTTP/1.1\r\nhost: a\r\n").await;
    assert_eq!(client.seconds_open().await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_not_waited_for() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        .await;
    assert_eq!(client.seconds_open().await, 40);
    let mut forwarded = server.connect().await;
    forwarded
        .send("POST /v1/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        .await;
    assert_eq!(forwarded.seconds_open().await, 50);
    let mut whole = server.connect().await;
    whole
        .send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nwhole\n")
        .await;
    whole.expect("whole\n").await;
}

#[tokio::test(start_paused = true)]
async fn an_unread_answer_is_given_up() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    client.send("GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.expect("\r\n\r\n").await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    let mut rest = Vec::new();
    let _ = client.0.read_to_end(&mut rest).await;
    assert!(rest.len() < 64 << 20, "the answer was cut off");
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_take_longer_than_every_limit() {
    let server = Server::start().await;
    let mut client = server.held().await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    server.release.add_permits(1);
    client.expect("held\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_gives_its_place_back() {
    let server = Server::start().await;
    for _ in 0..2 * (LIMITS.connections + LIMITS.reserve) {
        let mut client = server.connect().await;
        client.send("GET /panic HTTP/1.1\r\nhost: a\r\n\r\n").await;
        assert_eq!(in_no_time(client.closed()).await, "");
    }
    server.connect().await.quick().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_cancels_its_handler() {
    let server = Server::start().await;
    let client = server.held().await;
    drop(client);
    in_no_time(server.ended.acquire()).await.unwrap().forget();
}

#[tokio::test(start_paused = true)]
async fn a_handler_learns_who_has_connected() {
    let server = Server::start().await;
    let mut client = server.connect().await;
    let own = client.0.local_addr().unwrap().to_string();
    client.send("GET /peer HTTP/1.1\r\nhost: a\r\n\r\n").await;
    client.expect(&own).await;
}

#[tokio::test(start_paused = true)]
async fn at_the_limit_waiting_connections_make_room_for_new_ones() {
    let server = Server::start().await;
    let mut used = server.connect().await;
    used.quick().await;
    let mut held = server.held().await;
    let begun = Instant::now();
    let mut waiting = Vec::new();
    for _ in 0..50 {
        let mut client = server.connect().await;
        client.send("GET /api/quick HTTP/1.1\r\n").await;
        waiting.push(client);
    }
    let mut latest = server.connect().await;
    latest.quick().await;
    // Of those that have asked for nothing yet, the first was closed for it.
    assert_eq!(in_no_time(waiting[0].closed()).await, "");
    // What is under way is left alone, and so is who has used a connection before.
    server.release.add_permits(1);
    held.expect("held\n").await;
    used.quick().await;
    assert_eq!(begun.elapsed().as_secs(), 0, "no time limit made the room");
}

#[tokio::test(start_paused = true)]
async fn while_every_place_is_taken_the_reserve_serves_the_admin_api_alone() {
    let server = Server::start().await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(server.held().await);
    }
    for (path, expected) in [
        (
            "/v1/messages",
            &[
                "x-waypost-code: overloaded\r\n",
                "content-security-policy: sandbox",
                "\"overloaded_error\"",
            ][..],
        ),
        (
            "/v1/responses",
            &["x-waypost-code: overloaded\r\n", "\"server_error\""],
        ),
        ("/sample/v1/models", &["too_many_connections"]),
    ] {
        let mut runtime = server.connect().await;
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
        runtime.send(&request).await;
        let refused = in_no_time(runtime.closed()).await;
        assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
        for part in ["retry-after: 1\r\n"].iter().chain(expected) {
            assert!(refused.contains(part), "{part}: {refused}");
        }
    }

    let mut administrator = server.connect().await;
    administrator.quick().await;
    server.release.add_permits(4);
    for client in &mut held {
        client.expect("held\n").await;
    }
    let mut runtime = server.connect().await;
    runtime
        .send("GET /v1/quick HTTP/1.1\r\nhost: a\r\n\r\n")
        .await;
    runtime.expect("quick\n").await;
}
