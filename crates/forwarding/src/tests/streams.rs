//! Answers that arrive piece by piece, and those that break off.

use super::fixture::{Connection, Fixture, Listener, snapshot};
use crate::{AnswerBody, ForwardingLimits, Outcome};
use bytes::Bytes;
use http::Response;
use http_body::Body as _;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;

const AGENT: &str = "name: a\n";
const EVENTS: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";

async fn fixture(limits: ForwardingLimits) -> (Fixture, Listener) {
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    (Fixture::with(snapshot, limits, false), upstream)
}

/// Sends a request for a stream; the upstream has sent this much.
async fn begin(
    fixture: &Fixture,
    upstream: &Listener,
    path: &str,
    sent: &str,
) -> (Response<AnswerBody>, Connection) {
    let served = async {
        let (mut connection, _) = upstream.accept().await;
        connection.write_all(sent.as_bytes()).await.unwrap();
        connection
    };
    tokio::join!(fixture.send(path, r#"{"model":"gw/x/y"}"#), served)
}

async fn next(body: &mut AnswerBody) -> Option<Result<Bytes, crate::AnswerAborted>> {
    let frame = body.frame().await?;
    Some(frame.map(|frame| frame.into_data().unwrap()))
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

#[tokio::test]
async fn an_event_arrives_before_the_next_is_sent() {
    let (mut fixture, upstream) = fixture(ForwardingLimits::default()).await;
    let path = "/v1/chat/completions";
    let (response, mut connection) = begin(&fixture, &upstream, path, EVENTS).await;
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let mut body = response.into_body();
    for event in ["data: {\"a\":1}\n\n", ": ping\n\n", "data: [DONE]\n\n"] {
        connection.write_all(chunk(event).as_bytes()).await.unwrap();
        assert_eq!(next(&mut body).await, Some(Ok(Bytes::from(event))));
    }
    connection.write_all(b"0\r\n\r\n").await.unwrap();
    assert_eq!(next(&mut body).await, None);
    drop(body);
    let record = fixture.records.recv().await.unwrap();
    assert_eq!((record.outcome, record.bytes_out), (Outcome::Answered, 37));
}

/// How a stream ends whose upstream dies after `sent`: the event, which an abort follows.
async fn ending(path: &str, sent: &str) -> String {
    let (mut fixture, upstream) = fixture(ForwardingLimits::default()).await;
    let begun = format!("{EVENTS}{}", chunk(sent));
    let (response, connection) = begin(&fixture, &upstream, path, &begun).await;
    let mut body = response.into_body();
    assert_eq!(
        next(&mut body).await,
        Some(Ok(Bytes::from(sent.to_owned())))
    );
    drop(connection);
    let event = next(&mut body).await.unwrap().unwrap();
    assert_eq!(next(&mut body).await, Some(Err(crate::AnswerAborted)));
    assert!(!body.is_end_stream());
    drop(body);
    let outcome = fixture.records.recv().await.unwrap().outcome;
    assert_eq!(outcome, Outcome::Failed("upstream_closed".to_owned()));
    String::from_utf8(event.to_vec()).unwrap()
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_in_an_error_event_and_an_abort() {
    let event = ending("/v1/chat/completions", "data: {}\n\n").await;
    assert!(event.starts_with("data: {\"error\":{\""), "{event}");
    assert!(
        event.ends_with("}}\n\n") && event.contains("upstream_closed"),
        "{event}"
    );
    let event = ending("/v1/chat/completions", "data: {\"par").await;
    assert!(event.starts_with("\n\ndata: {\"error\""), "{event}");
    let event = ending("/v1/messages", "event: ping\ndata: {}\n\n").await;
    assert!(event.starts_with("event: error\ndata: {\""), "{event}");
    assert!(event.contains("\"type\":\"api_error\""), "{event}");
    let event = ending("/v1/responses", "event: x\ndata: {}\n\n").await;
    assert!(
        event.starts_with("event: error\ndata: {\"code\""),
        "{event}"
    );
}

#[tokio::test]
async fn a_compressed_stream_is_aborted_without_an_event() {
    let (fixture, upstream) = fixture(ForwardingLimits::default()).await;
    let head = EVENTS.replace("\r\n\r\n", "\r\ncontent-encoding: gzip\r\n\r\n");
    let begun = format!("{head}{}", chunk("coded"));
    let (response, connection) = begin(&fixture, &upstream, "/v1/messages", &begun).await;
    let mut body = response.into_body();
    assert_eq!(
        next(&mut body).await,
        Some(Ok(Bytes::from_static(b"coded")))
    );
    drop(connection);
    assert_eq!(next(&mut body).await, Some(Err(crate::AnswerAborted)));
}

#[tokio::test]
async fn an_answer_that_is_no_stream_is_aborted_without_an_event() {
    let (mut fixture, upstream) = fixture(ForwardingLimits::default()).await;
    let sent =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"a\"";
    let (response, connection) = begin(&fixture, &upstream, "/v1/embeddings", sent).await;
    let mut body = response.into_body();
    assert_eq!(
        next(&mut body).await,
        Some(Ok(Bytes::from_static(b"{\"a\"")))
    );
    drop(connection);
    assert_eq!(next(&mut body).await, Some(Err(crate::AnswerAborted)));
    drop(body);
    let outcome = fixture.records.recv().await.unwrap().outcome;
    assert_eq!(outcome, Outcome::Failed("upstream_closed".to_owned()));
}

#[tokio::test]
async fn a_pause_that_is_too_long_ends_a_stream() {
    let limits = ForwardingLimits {
        idle: Duration::from_millis(50),
        ..ForwardingLimits::default()
    };
    let (fixture, upstream) = fixture(limits).await;
    let sent = format!("{EVENTS}{}", chunk("data: {}\n\n"));
    let (response, mut connection) = begin(&fixture, &upstream, "/v1/messages", &sent).await;
    let mut body = response.into_body();
    next(&mut body).await.unwrap().unwrap();
    let event = next(&mut body).await.unwrap().unwrap();
    assert!(event.starts_with(b"event: error\n"));
    assert_eq!(next(&mut body).await, Some(Err(crate::AnswerAborted)));
    // The upstream is cancelled, although the caller still holds the body.
    let read = tokio::io::AsyncReadExt::read_u8(&mut connection).await;
    assert!(read.is_err());
    drop(body);
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_a_timeout() {
    let limits = ForwardingLimits {
        first_byte: Duration::from_millis(50),
        ..ForwardingLimits::default()
    };
    let (fixture, upstream) = fixture(limits).await;
    let (answer, _open) = tokio::join!(fixture.chat("gw/x/y"), upstream.accept());
    assert_eq!(answer.code(), (504, "upstream_timeout"));
}

#[tokio::test]
async fn a_whole_answer_has_a_limit_and_a_stream_of_events_has_none() {
    let limits = ForwardingLimits {
        whole: Duration::from_millis(50),
        ..ForwardingLimits::default()
    };
    let (fixture, upstream) = fixture(limits).await;
    let sent = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nparts";
    let (response, mut connection) = begin(&fixture, &upstream, "/v1/embeddings", sent).await;
    let mut body = response.into_body();
    next(&mut body).await.unwrap().unwrap();
    assert_eq!(next(&mut body).await, Some(Err(crate::AnswerAborted)));
    assert!(
        tokio::io::AsyncReadExt::read_u8(&mut connection)
            .await
            .is_err()
    );
    drop(body);

    let (response, mut connection) = begin(&fixture, &upstream, "/v1/messages", EVENTS).await;
    let mut body = response.into_body();
    let late = tokio::time::Instant::now() + 2 * limits.whole;
    tokio::select! {
        ended = next(&mut body) => panic!("{ended:?}"),
        () = tokio::time::sleep_until(late) => {}
    }
    connection
        .write_all(chunk("data: {}\n\n").as_bytes())
        .await
        .unwrap();
    assert!(next(&mut body).await.unwrap().is_ok());
}

#[tokio::test]
async fn a_stream_may_go_on_after_the_time_of_a_whole_answer() {
    let limits = ForwardingLimits {
        whole: Duration::from_secs(20),
        ..ForwardingLimits::default()
    };
    let (fixture, upstream) = fixture(limits).await;
    let (response, mut connection) = begin(&fixture, &upstream, "/v1/messages", EVENTS).await;
    assert_eq!(response.status(), 200);
    tokio::time::pause();
    tokio::time::advance(2 * limits.whole).await;
    tokio::time::resume();
    let event = chunk("data: {}\n\n");
    connection.write_all(event.as_bytes()).await.unwrap();
    assert!(next(&mut response.into_body()).await.unwrap().is_ok());
}
