//! HTTP/2: each stream keeps to the limits of a request, and holds up no other. Time is paused.

use super::listener::{LIMITS, in_no_time};
use super::secure::SecureServer;
use crate::cli::serve::http2::STREAMS;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use h2::client::{ResponseFuture, SendRequest};
use h2::{Reason, SendStream};
use http_body::{Body as HttpBody, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What the handlers share with their test.
#[derive(Clone)]
struct Handlers {
    /// A handler of `/held` or `/echo` has begun.
    begun: Arc<Semaphore>,
    /// Lets one handler of `/held` answer.
    release: Arc<Semaphore>,
    /// A handler of `/held` or `/echo`, or the body of an answer, has ended or was given up.
    ended: Arc<Semaphore>,
}

struct OnDrop(Arc<Semaphore>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

/// A body without end: as much as the client takes, or one piece and then silence.
struct Endless {
    has_begun: bool,
    is_silent: bool,
    _ended: OnDrop,
}

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match std::mem::replace(&mut self.has_begun, true) && self.is_silent {
            true => Poll::Pending,
            false => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 1024]))))),
        }
    }
}

fn endless(handlers: &Handlers, is_silent: bool) -> Body {
    Body::new(Endless {
        has_begun: false,
        is_silent,
        _ended: OnDrop(Arc::clone(&handlers.ended)),
    })
}

async fn held(State(handlers): State<Handlers>) -> &'static str {
    let _ended = OnDrop(Arc::clone(&handlers.ended));
    handlers.begun.add_permits(1);
    handlers.release.acquire().await.unwrap().forget();
    "held\n"
}

async fn echo(State(handlers): State<Handlers>, body: Body) -> Bytes {
    let _ended = OnDrop(Arc::clone(&handlers.ended));
    handlers.begun.add_permits(1);
    axum::body::to_bytes(body, 1 << 20).await.unwrap()
}

async fn events(State(handlers): State<Handlers>) -> impl IntoResponse {
    (
        [("content-type", "text/event-stream")],
        endless(&handlers, true),
    )
}

async fn host(headers: HeaderMap) -> String {
    let hosts = headers.get_all("host").iter();
    format!("{:?}", hosts.collect::<Vec<_>>())
}

/// A client with its own server.
struct Client {
    server: SecureServer,
    handlers: Handlers,
    sender: SendRequest<Bytes>,
    connection: JoinHandle<Result<(), h2::Error>>,
    streams: usize,
}

impl Client {
    async fn start() -> Self {
        let handlers = Handlers {
            begun: Arc::new(Semaphore::new(0)),
            release: Arc::new(Semaphore::new(0)),
            ended: Arc::new(Semaphore::new(0)),
        };
        let router = Router::new()
            .route("/api/quick", get(async || "quick\n"))
            .route("/host", get(host))
            .route("/echo", post(echo))
            .route("/held", get(held))
            .route("/v1/held", get(held))
            .route(
                "/large",
                get(async |State(handlers): State<Handlers>| endless(&handlers, false)),
            )
            .route("/api/stream", get(events))
            .with_state(handlers.clone());
        let server = SecureServer::start(router).await;
        let stream = server.connect(&["h2"]).await;
        // One answer that is not read leaves room for the others.
        let mut client = h2::client::Builder::new();
        client.initial_connection_window_size(1 << 20);
        let (sender, connection) = client.handshake(stream).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut client = Self {
            server,
            handlers,
            sender,
            connection,
            streams: 0,
        };
        // Its first answer comes after the server's settings.
        assert_eq!(client.text("/api/quick").await, "quick\n");
        client.streams = client.sender.current_max_send_streams();
        client
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        end: bool,
    ) -> (ResponseFuture, SendStream<Bytes>) {
        let uri = format!("https://localhost:1{path}");
        let request = http::Request::builder()
            .method(method)
            .uri(uri)
            .body(())
            .unwrap();
        let ready = in_no_time(self.sender.clone().ready()).await;
        self.sender = ready.unwrap();
        self.sender.send_request(request, end).unwrap()
    }

    async fn get(&mut self, path: &str) -> ResponseFuture {
        self.send("GET", path, true).await.0
    }

    /// A request that a handler holds.
    async fn held(&mut self, path: &str) -> ResponseFuture {
        let response = self.get(path).await;
        let begun = Arc::clone(&self.handlers.begun);
        in_no_time(async { begun.acquire().await.unwrap().forget() }).await;
        response
    }

    async fn text(&mut self, path: &str) -> String {
        let response = self.get(path).await;
        read(response).await.unwrap()
    }

    async fn ended(&self) {
        self.handlers.ended.acquire().await.unwrap().forget();
    }
}

async fn read(response: ResponseFuture) -> Result<String, h2::Error> {
    in_no_time(async {
        let mut body = response.await?.into_body();
        let mut text = Vec::new();
        while let Some(data) = body.data().await {
            let data = data?;
            let _ = body.flow_control().release_capacity(data.len());
            text.extend_from_slice(&data);
        }
        Ok(String::from_utf8(text).unwrap())
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn several_requests_share_a_connection_and_a_slow_one_holds_up_none() {
    let mut client = Client::start().await;
    assert_eq!(client.streams, STREAMS as usize);
    let slow = client.held("/held").await;
    for _ in 0..300 {
        assert_eq!(client.text("/api/quick").await, "quick\n");
    }
    client.handlers.release.add_permits(1);
    assert_eq!(read(slow).await.unwrap(), "held\n");
}

#[tokio::test(start_paused = true)]
async fn a_request_names_its_host_as_in_http1() {
    let mut client = Client::start().await;
    assert_eq!(client.text("/host").await, r#"["localhost:1"]"#);
    let request =
        http::Request::get("https://localhost:1/host").header("host", "elsewhere.example");
    let sent = client.sender.send_request(request.body(()).unwrap(), true);
    let response = in_no_time(sent.unwrap().0).await.unwrap();
    assert_eq!(response.status(), 400);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_ends_its_stream_and_no_other() {
    let mut client = Client::start().await;
    let slow = client.held("/held").await;
    let before = Instant::now();
    let (response, _unsent) = client.send("POST", "/echo", false).await;
    let begun = Arc::clone(&client.handlers.begun);
    in_no_time(async { begun.acquire().await.unwrap().forget() }).await;
    client.ended().await;
    assert_eq!(before.elapsed().as_secs(), LIMITS.body.as_secs());
    let error = in_no_time(response).await.unwrap_err();
    assert!(error.is_reset(), "{error}");
    client.handlers.release.add_permits(1);
    assert_eq!(read(slow).await.unwrap(), "held\n");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_read_is_given_up_and_no_other() {
    let mut client = Client::start().await;
    let slow = client.held("/held").await;
    let before = Instant::now();
    let response = client.get("/large").await;
    // The window fills, and nothing makes room in it.
    let _unread = in_no_time(response).await.unwrap();
    client.ended().await;
    assert_eq!(before.elapsed().as_secs(), LIMITS.stalled_write.as_secs());
    client.handlers.release.add_permits(1);
    assert_eq!(read(slow).await.unwrap(), "held\n");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_ends_what_it_asked_for() {
    let mut client = Client::start().await;
    let response = client.held("/held").await;
    drop(response);
    in_no_time(client.ended()).await;
    let _response = client.held("/held").await;
    client.connection.abort();
    in_no_time(client.ended()).await;
}

#[tokio::test(start_paused = true)]
async fn streams_that_are_reset_at_once_end_the_connection() {
    let mut client = Client::start().await;
    let mut opened = 0;
    // Half of them are begun before they are reset, so that they cause work.
    while let Ok(sender) = in_no_time(client.sender.clone().ready()).await {
        client.sender = sender;
        let request = http::Request::get("https://localhost:1/held");
        let sent = client.sender.send_request(request.body(()).unwrap(), true);
        let Ok((_, mut stream)) = sent else { break };
        opened += 1;
        assert!(opened < 1_000, "the connection goes on");
        if opened % 2 == 0 {
            let begun = Arc::clone(&client.handlers.begun);
            let has_begun = async {
                tokio::select! {
                    permit = begun.acquire() => permit.unwrap().forget(),
                    _ = &mut client.connection => {}
                }
            };
            in_no_time(has_begun).await;
        }
        stream.send_reset(Reason::CANCEL);
        if client.connection.is_finished() {
            break;
        }
    }
    assert!(opened >= 20, "a client may change its mind: {opened}");
    // Others are served.
    let other = client.server.connect(&["h2"]).await;
    assert_eq!(other.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_requests_is_closed() {
    let client = Client::start().await;
    let before = Instant::now();
    let _ = client.connection.await.unwrap();
    assert_eq!(before.elapsed().as_secs(), LIMITS.idle.as_secs());
}

#[tokio::test(start_paused = true)]
async fn at_a_stop_streams_of_the_dashboard_end_and_forwarded_requests_come_to_their_end() {
    let mut client = Client::start().await;
    let forwarded = client.held("/v1/held").await;
    let stream = in_no_time(client.get("/api/stream").await).await.unwrap();
    assert_eq!(stream.status(), 200);
    let own = client.held("/held").await;
    client.server.ask_to_stop();
    // The stream of events, at once.
    in_no_time(client.ended()).await;
    let before = Instant::now();
    client.ended().await;
    let seconds = LIMITS.dashboard_drain.as_secs();
    assert_eq!(before.elapsed().as_secs(), seconds);
    assert!(read(own).await.is_err());
    client.handlers.release.add_permits(1);
    assert_eq!(read(forwarded).await.unwrap(), "held\n");
    let _ = tokio::time::timeout(Duration::from_secs(1), client.server.task).await;
}
