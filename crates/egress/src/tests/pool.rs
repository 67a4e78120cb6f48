//! Pooled connections: kept, replaced, cancelled, and behind the same checks as every call.

use super::*;
use crate::{Access, OutgoingRequest, PoolLimits, RequestBody, UpstreamPool};
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn request(path: &'static str, pieces: [&'static str; 3]) -> OutgoingRequest {
    OutgoingRequest {
        method: Method::POST,
        path_and_query: path.parse().unwrap(),
        headers: HeaderMap::new(),
        body: RequestBody::new(pieces.map(|piece| Bytes::from_static(piece.as_bytes()))),
    }
}

fn base(address: SocketAddr) -> BaseUrl {
    BaseUrl::parse(&format!("http://{address}/v1")).unwrap()
}

fn pool() -> (UpstreamPool, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let (egress, dials) = TestEgress::new().build();
    (egress.upstream_pool(PoolLimits::default()), dials)
}

/// Reads one request with a body of two bytes.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n{}") {
        let byte = stream.read_u8().await.ok()?;
        read.push(byte);
    }
    String::from_utf8(read).ok()
}

/// Sends one request and reads the answer to its end.
async fn send(pool: &UpstreamPool, base: &BaseUrl) -> Result<String, CallFailure> {
    send_as(pool, base, Access::new(true)).await
}

async fn send_as(
    pool: &UpstreamPool,
    base: &BaseUrl,
    access: Access,
) -> Result<String, CallFailure> {
    let sent = pool.send(base, access, request("/v1/x?a=%7e", ["{", "", "}"]));
    let body = sent.await?.into_body().collect().await.unwrap();
    Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn a_connection_is_kept_and_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (seen, mut requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while let Some(request) = read_request(&mut stream).await {
            seen.send(request).unwrap();
            stream.write_all(ANSWER).await.unwrap();
        }
    });
    let (pool, dials) = pool();
    for _ in 0..3 {
        assert_eq!(send(&pool, &base(address)).await.unwrap(), "ok");
        assert_eq!(pool.open_connections(), 1);
    }
    assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), 1);
    let expected =
        format!("POST /v1/x?a=%7e HTTP/1.1\r\nhost: {address}\r\ncontent-length: 2\r\n\r\n{{}}");
    assert_eq!(requests.recv().await.unwrap(), expected);
}

/// A runtime of one thread, which ends when the sender is dropped.
fn start_runtime() -> (tokio::runtime::Handle, tokio::sync::oneshot::Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || runtime.block_on(stopped));
    (handle, stop)
}

#[tokio::test]
async fn each_runtime_keeps_its_own_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                while read_request(&mut stream).await.is_some() {
                    stream.write_all(ANSWER).await.unwrap();
                }
            });
        }
    });
    let (pool, dials) = pool();
    let ((one, _stop_one), (other, _stop_other)) = (start_runtime(), start_runtime());
    for (runtime, expected) in [(&one, 1), (&other, 2), (&one, 2), (&other, 2)] {
        let pool = pool.clone();
        let sent = runtime.spawn(async move { send(&pool, &base(address)).await.is_ok() });
        assert!(sent.await.unwrap());
        assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), expected);
    }
}

/// A server whose connections do what `script` says: answer a request, or close in place of
/// answering it.
async fn scripted(script: &'static [&'static [bool]]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for answers in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answers in *answers {
                let _ = read_request(&mut stream).await;
                if *answers {
                    stream.write_all(ANSWER).await.unwrap();
                }
            }
        }
    });
    address
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced_once() {
    let address = scripted(&[&[true, false], &[true, false], &[false]]).await;
    let (pool, dials) = pool();
    let base = base(address);
    assert_eq!(send(&pool, &base).await.unwrap(), "ok");
    assert_eq!(send(&pool, &base).await.unwrap(), "ok");
    assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), 2);
    // The replacement dies too.
    let failure = send(&pool, &base).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadResponse);
    assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_new_connection_that_dies_is_not_replaced() {
    let address = scripted(&[&[false], &[true]]).await;
    let (pool, dials) = pool();
    let failure = send(&pool, &base(address)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadResponse);
    assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_private_address_takes_a_grant_also_where_a_granted_connection_is_kept() {
    let address = scripted(&[&[true, true]]).await;
    let (pool, dials) = pool();
    let base = base(address);
    assert_eq!(send(&pool, &base).await.unwrap(), "ok");
    let refused = pool.send(&base, Access::new(false), request("/v1/x", ["{", "", "}"]));
    let failure = refused.await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::AddressNotAllowed);
    assert_eq!(dials.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_is_checked_at_each_connection() {
    let address = scripted(&[&[true, false]]).await;
    let names = Names::in_turn(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let (egress, _) = TestEgress::new().names(&names).build();
    let pool = egress.upstream_pool(PoolLimits::default());
    let base = BaseUrl::parse(&format!("http://gw.example:{}/v1", address.port())).unwrap();
    assert_eq!(send(&pool, &base).await.unwrap(), "ok");
    let failure = send(&pool, &base).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AddressNotAllowed);
}

#[tokio::test]
async fn waypost_itself_is_not_called() {
    let tripwire = Tripwire::on("127.0.0.1");
    let (egress, _) = TestEgress::new().listening_at(tripwire.address).build();
    let pool = egress.upstream_pool(PoolLimits::default());
    let failure = send(&pool, &base(tripwire.address)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::AddressNotAllowed);
    let sample = BaseUrl::parse(&format!("http://{}/sample/v1", tripwire.address)).unwrap();
    let outside = pool.send(
        &sample,
        Access::new(true),
        request("/api/v1/x", ["{", "", "}"]),
    );
    let failure = outside.await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::AddressNotAllowed);
    tripwire.assert_untouched("the control plane");
}

#[tokio::test]
async fn a_handshake_that_does_not_end_fails_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (pool, _) = pool();
    let access = Access {
        connect: Duration::from_millis(100),
        ..Access::new(true)
    };
    let base = BaseUrl::parse(&format!("https://{address}/v1")).unwrap();
    let failure = send_as(&pool, &base, access).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::ConnectFailed);
    assert!(failure.message.contains("did not accept a connection"));
    drop(listener);
}

/// A server that says when its client has left: after a request, or after the head of an answer.
async fn waiting(head: &'static [u8]) -> (SocketAddr, mpsc::UnboundedReceiver<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (events, seen) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(head).await.unwrap();
        events.send("asked").unwrap();
        assert!(stream.read_u8().await.is_err(), "the client only leaves");
        events.send("left").unwrap();
    });
    (address, seen)
}

#[tokio::test]
async fn dropping_a_request_closes_its_connection_before_and_after_the_head() {
    let (address, mut seen) = waiting(b"").await;
    let (pool, _) = pool();
    let base = base(address);
    tokio::select! {
        _ = send(&pool, &base) => panic!("nothing answers"),
        event = seen.recv() => assert_eq!(event, Some("asked")),
    }
    assert_eq!(seen.recv().await, Some("left"));

    let (address, mut seen) = waiting(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart").await;
    let base = self::base(address);
    let sent = pool.send(&base, Access::new(true), request("/v1/x", ["{", "", "}"]));
    let mut body = sent.await.unwrap().into_body();
    let part = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(part, "part");
    drop(body);
    assert_eq!(seen.recv().await, Some("asked"));
    assert_eq!(seen.recv().await, Some("left"));
}

#[tokio::test]
async fn the_head_of_an_answer_has_a_limit_of_lines_and_of_bytes() {
    for head in [
        "x: 1\r\n".repeat(100),
        format!("x: {}\r\n", "1".repeat(64 * 1024)),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n{head}\r\n");
        let upstream = Upstream::always(Reply::Bytes(answer.into_bytes())).await;
        let (pool, _) = pool();
        let failure = send(&pool, &upstream.base("/v1")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge);
    }
}

/// A listener whose queue is full, so that the system answers no further connection.
#[cfg(target_os = "linux")]
async fn silent(address: &str) -> (SocketAddr, Box<dyn Send>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket
        .bind(SocketAddr::new(address.parse().unwrap(), 0))
        .unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    loop {
        let connecting = TcpStream::connect(address);
        match tokio::time::timeout(Duration::from_millis(100), connecting).await {
            Ok(stream) => waiting.push(stream.unwrap()),
            Err(_) => return (address, Box::new((listener, waiting))),
        }
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_does_not_answer_leaves_time_for_the_next() {
    let (silent, _open) = silent("127.0.0.2").await;
    let live = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], silent.port())));
    let live = live.await.unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = live.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(ANSWER).await.unwrap();
    });
    let names = Names::in_turn(&[&["127.0.0.2", "127.0.0.1"]]);
    let pool = TestEgress::new().names(&names).client();
    let pool = pool.upstream_pool(PoolLimits::default());
    let access = Access {
        connect: Duration::from_secs(2),
        ..Access::new(true)
    };
    let url = format!("http://models.example.com:{}/v1", silent.port());
    let base = BaseUrl::parse(&url).unwrap();
    assert_eq!(send_as(&pool, &base, access).await.unwrap(), "ok");
}
