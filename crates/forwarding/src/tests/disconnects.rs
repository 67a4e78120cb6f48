//! A caller that leaves, in each phase of a request: the upstream's connection closes.

use super::fixture::{Connection, Fixture, Listener, snapshot};
use crate::Outcome;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const BODY: &str = r#"{"model":"gw/x/y"}"#;

async fn fixture() -> (Fixture, Listener) {
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &["name: a\n"]);
    (Fixture::new(snapshot), upstream)
}

/// Waits until the other side has closed the connection, for at most a second.
async fn closed(connection: &mut Connection) {
    let read = tokio::time::timeout(Duration::from_secs(1), connection.read_u8()).await;
    assert!(read.expect("it closes within a second").is_err());
}

async fn outcome(fixture: &mut Fixture) -> Outcome {
    fixture.records.recv().await.unwrap().outcome
}

#[tokio::test]
async fn before_the_head_of_the_answer() {
    let (mut fixture, upstream) = fixture().await;
    let mut connection = tokio::select! {
        _ = fixture.send("/v1/messages", BODY) => panic!("nothing answers"),
        (connection, _) = upstream.accept() => connection,
    };
    closed(&mut connection).await;
    assert_eq!(outcome(&mut fixture).await, Outcome::Cancelled);
}

#[tokio::test]
async fn in_a_stream_and_in_a_plain_answer() {
    let (mut fixture, upstream) = fixture().await;
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n: a\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc",
    ] {
        let served = async {
            let (mut connection, _) = upstream.accept().await;
            connection.write_all(head.as_bytes()).await.unwrap();
            connection
        };
        let sent = fixture.send("/v1/messages", BODY);
        let (response, mut connection) = tokio::join!(sent, served);
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        drop(body);
        closed(&mut connection).await;
        assert_eq!(outcome(&mut fixture).await, Outcome::Cancelled);
    }
}

#[tokio::test]
async fn before_the_body_is_asked_for() {
    let (mut fixture, upstream) = fixture().await;
    let served = async {
        let (mut connection, _) = upstream.accept().await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
        connection.write_all(head).await.unwrap();
        connection
    };
    let sent = fixture.send("/v1/messages", BODY);
    let (response, mut connection) = tokio::join!(sent, served);
    drop(response);
    closed(&mut connection).await;
    assert_eq!(outcome(&mut fixture).await, Outcome::Cancelled);
}
