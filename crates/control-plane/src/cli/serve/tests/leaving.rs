//! A caller that leaves while it is being answered, having sent bytes behind its request: the upstream's
//! connection closes at once, in each phase.

use super::forwarding::{BODY, Server};
use super::listener::in_no_time;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use waypost_forwarding::Outcome;

/// What clients send behind a body: nothing, a line break, another request, a longer one.
fn behind() -> [String; 4] {
    let another = "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n".to_owned();
    let longer = format!(
        "POST /v1/messages HTTP/1.1\r\nhost: a\r\ncontent-length: 12000\r\n\r\n{}",
        "a".repeat(12_000)
    );
    [String::new(), "\r\n".to_owned(), another, longer]
}

/// A caller that has sent a request and what follows it, and the connection to the upstream.
async fn called(server: &Server, body: &str, behind: &str) -> (TcpStream, TcpStream) {
    let caller = server.call(body.len(), &format!("{body}{behind}")).await;
    let (upstream, _) = server.upstream.accept().await.unwrap();
    (caller, upstream)
}

/// Reads the head of a request and this much of its body.
async fn receive(upstream: &mut TcpStream, body: usize) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(upstream.read_u8().await.unwrap());
    }
    upstream.read_exact(&mut vec![0; body]).await.unwrap();
}

/// The caller leaves; the connection to the upstream must close without any time passing.
async fn leave(server: &mut Server, caller: TcpStream, mut upstream: TcpStream) {
    drop(caller);
    assert_eq!(server.outcome().await, Outcome::Cancelled);
    let mut rest = Vec::new();
    // A reset says the same: Waypost has not read everything.
    let _ = upstream.read_to_end(&mut rest).await;
}

/// As long as [`BODY`] on the wire, where the model has no prefix.
const SENT: usize = BODY.len() - "gw/".len();

#[tokio::test(start_paused = true)]
async fn while_the_upstream_does_not_answer() {
    let mut server = Server::start().await;
    for behind in behind() {
        in_no_time(async {
            let (caller, mut upstream) = called(&server, BODY, &behind).await;
            receive(&mut upstream, SENT).await;
            leave(&mut server, caller, upstream).await;
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_is_answered() {
    let mut server = Server::start().await;
    for head in [
        "content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n: a\r\n",
        "content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    ] {
        for behind in behind() {
            in_no_time(async {
                let (mut caller, mut upstream) = called(&server, BODY, &behind).await;
                receive(&mut upstream, SENT).await;
                let head = format!("HTTP/1.1 200 OK\r\n{head}");
                upstream.write_all(head.as_bytes()).await.unwrap();
                caller.read_u8().await.unwrap();
                leave(&mut server, caller, upstream).await;
            })
            .await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn while_its_body_is_sent_to_the_upstream() {
    let mut server = Server::start().await;
    // More than the kernel takes for an upstream that does not read.
    let body = format!(r#"{{"model":"gw/x/y","a":"{}"}}"#, "a".repeat(16 << 20));
    for behind in behind() {
        in_no_time(async {
            let (caller, mut upstream) = called(&server, &body, &behind).await;
            receive(&mut upstream, SENT).await;
            leave(&mut server, caller, upstream).await;
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn while_waypost_connects() {
    let mut server = Server::start().await;
    let body = r#"{"model":"secure/x/y"}"#;
    for behind in behind() {
        let mut upstream = in_no_time(async {
            let (caller, mut upstream) = called(&server, body, &behind).await;
            // The handshake has begun, and nothing answers it.
            upstream.read_u8().await.unwrap();
            drop(caller);
            assert_eq!(server.outcome().await, Outcome::Cancelled);
            upstream
        })
        .await;
        // Other requests may wait for the same connection, so that it is given up at its limit.
        let mut hello = Vec::new();
        let closing = timeout(Duration::from_secs(6), upstream.read_to_end(&mut hello));
        let _ = closing.await.expect("it closes at the limit of connecting");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_fallback_is_tried() {
    let mut server = Server::start().await;
    let body = r#"{"model":"gw/x/primary"}"#;
    let sent = r#"{"model":"x/primary"}"#.len();
    for behind in behind() {
        in_no_time(async {
            let (caller, mut primary) = called(&server, body, &behind).await;
            receive(&mut primary, sent).await;
            let answer = b"HTTP/1.1 503 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            primary.write_all(answer).await.unwrap();
            let (mut fallback, _) = server.upstream.accept().await.unwrap();
            receive(&mut fallback, sent).await;
            leave(&mut server, caller, fallback).await;
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_behind_another_one_is_answered_after_it() {
    let mut server = Server::start().await;
    for behind in behind() {
        in_no_time(async {
            let (mut caller, mut upstream) = called(&server, BODY, &behind).await;
            receive(&mut upstream, SENT).await;
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
            upstream.write_all(answer).await.unwrap();
            assert_eq!(server.outcome().await, Outcome::Answered);
            let last = "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
            caller.write_all(last.as_bytes()).await.unwrap();
            let mut answers = String::new();
            caller.read_to_string(&mut answers).await.unwrap();
            let requests = match behind.trim().is_empty() {
                true => 2,
                false => 3,
            };
            assert_eq!(answers.matches("HTTP/1.1 ").count(), requests, "{answers}");
        })
        .await;
        // The longer one is forwarded, too, and refused: it is no JSON.
        while server.records.try_recv().is_ok() {}
    }
}
