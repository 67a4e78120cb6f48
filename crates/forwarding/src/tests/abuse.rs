//! Requests that are answered without an upstream.

use super::fixture::{Fixture, Listener, read, request, snapshot};
use crate::{ForwardingLimits, Outcome};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body::{Body, Frame};
use http_body_util::Full;
use std::convert::Infallible;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll};
use waypost_routing::operation::Operation;

const AGENT: &str = "name: a\n";

/// A body that must not be read.
struct Unread;

impl Body for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body was read");
    }
}

async fn fixture() -> Fixture {
    let upstream = Listener::start().await;
    Fixture::new(snapshot(&[("gw", upstream.address())], &[AGENT]))
}

async fn send_unread(fixture: &Fixture, request: http::request::Builder) -> (u16, String) {
    let request = request.body(Unread).unwrap();
    let client = Ipv4Addr::LOCALHOST.into();
    let answer = read(fixture.forwarding.answer(request, client).await).await;
    let (status, code) = answer.code();
    (status, code.to_owned())
}

#[tokio::test]
async fn a_decompression_bomb_is_refused_and_recorded() {
    let limits = ForwardingLimits {
        body_bytes: 1 << 20,
        ..ForwardingLimits::default()
    };
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &["name: a\n"]);
    let mut fixture = Fixture::with(snapshot, limits, false);
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 64 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    let request = Request::post("/v1/messages")
        .header("x-api-key", "agent:a")
        .header("content-encoding", "gzip")
        .body(Full::new(Bytes::from(bomb)))
        .unwrap();
    let answered = fixture
        .forwarding
        .answer(request, Ipv4Addr::LOCALHOST.into());
    let answer = read(answered.await).await;
    assert_eq!(answer.code(), (413, "body_too_large"));
    let record = fixture.records.recv().await.unwrap();
    let outcome = Outcome::Failed("body_too_large".to_owned());
    assert_eq!((record.status, record.outcome), (413, outcome));
    assert!(record.attempts.is_empty());
    assert_eq!(fixture.forwarding.load().buffered_bytes, 0);
}

#[tokio::test]
async fn a_process_that_lost_its_database_forwards_nothing_until_it_is_back() {
    let fixture = fixture().await;
    let chat = || Request::post("/v1/chat/completions").header("x-api-key", "agent:a");
    fixture.staleness.set(true);
    let stale = (503, "stale_configuration".to_owned());
    assert_eq!(send_unread(&fixture, chat()).await, stale);
    // A revoked token looks like a valid one.
    let unknown = Request::post("/v1/chat/completions").header("x-api-key", "sk-1");
    assert_eq!(send_unread(&fixture, unknown).await, stale);
    let list = || Request::get("/v1/models").header("x-api-key", "agent:a");
    assert_eq!(send_unread(&fixture, list()).await, stale);
    fixture.staleness.set(false);
    assert_eq!(send_unread(&fixture, list()).await.0, 200);
}

/// A body that never arrives.
struct Never;

impl Body for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_answered() {
    let upstream = Listener::start().await;
    let limits = ForwardingLimits {
        body_time: std::time::Duration::ZERO,
        ..ForwardingLimits::default()
    };
    let snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    let fixture = Fixture::with(snapshot, limits, false);
    let request = Request::post("/v1/messages").header("x-api-key", "agent:a");
    let client = Ipv4Addr::LOCALHOST.into();
    let answer = fixture
        .forwarding
        .answer(request.body(Never).unwrap(), client);
    assert_eq!(read(answer.await).await.code(), (408, "body_timeout"));
}

#[tokio::test]
async fn a_request_that_is_refused_is_not_read() {
    let fixture = fixture().await;
    let post = |path: &str| Request::post(path).header("x-api-key", "agent:a");
    for (request, status, code) in [
        (Request::post("/v1/messages"), 401, "invalid_token"),
        (
            Request::post("/v1/messages").header("x-api-key", "sk-1"),
            401,
            "invalid_token",
        ),
        (post("/v1/messages?key=x"), 400, "credential_in_url"),
        (post("/v1/messages?x=agent:a"), 400, "credential_in_url"),
        (post("/v1/key/generate"), 404, "unknown_path"),
        (
            Request::get("/v1/messages").header("x-api-key", "agent:a"),
            404,
            "unknown_path",
        ),
        (
            post("/v1/messages").header("content-encoding", "compress"),
            415,
            "unsupported_encoding",
        ),
        (
            post("/v1/messages").header("content-length", "99999999999"),
            413,
            "body_too_large",
        ),
    ] {
        let shown = format!("{request:?}");
        assert_eq!(
            send_unread(&fixture, request).await,
            (status, code.to_owned()),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_refusal_has_the_shape_of_its_path_and_is_recorded() {
    let mut fixture = fixture().await;
    let answer = read(fixture.send("/v1/messages", "[]").await).await;
    assert_eq!(answer.code(), (400, "invalid_json"));
    let json = answer.json();
    assert_eq!(json["type"], "error");
    assert_eq!(json["error"]["type"], "invalid_request_error");
    assert_eq!(
        json["request_id"].as_str(),
        answer.header("x-waypost-request-id")
    );
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(record.outcome, Outcome::Failed("invalid_json".to_owned()));
    assert_eq!(
        (record.status, record.operation),
        (400, Some(Operation::Messages))
    );
    assert!(record.attempts.is_empty());

    let answer = read(fixture.send("/v1/chat/completions", "{}").await).await;
    assert_eq!(answer.code(), (400, "missing_model"));
    assert_eq!(answer.json()["error"]["code"], "missing_model");
    let twice = r#"{"model":"a","Model":"b"}"#;
    let answer = read(fixture.send("/v1/responses", twice).await).await;
    assert_eq!(answer.code(), (400, "duplicate_model"));
}

#[tokio::test]
async fn guesses_of_an_address_are_limited() {
    let fixture = fixture().await;
    let sent = request("/v1/messages", "agent:a", "{}");
    let client = Ipv4Addr::new(192, 0, 2, 7).into();
    let answer = read(fixture.forwarding.answer(sent, client).await).await;
    assert_eq!(answer.code(), (429, "too_many_failures"));
    assert_eq!(answer.header("retry-after"), Some("7"));
}

#[tokio::test]
async fn a_token_of_an_agent_that_is_gone_opens_nothing() {
    let fixture = fixture().await;
    let sent = request("/v1/messages", "agent:gone", r#"{"model":"x"}"#);
    let client = Ipv4Addr::LOCALHOST.into();
    let answer = read(fixture.forwarding.answer(sent, client).await).await;
    assert_eq!(answer.code(), (401, "invalid_token"));
}

#[tokio::test]
async fn the_limits_of_size_and_number_hold() {
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &[AGENT, "name: b\n"]);
    let limits = ForwardingLimits {
        body_bytes: 30,
        requests_per_agent: 1,
        ..ForwardingLimits::default()
    };
    let fixture = Fixture::with(snapshot.clone(), limits, false);
    let long = format!(r#"{{"model":"gw/x/y","a":"{}"}}"#, "a".repeat(9));
    let answer = read(fixture.send("/v1/chat/completions", &long).await).await;
    assert_eq!(answer.code(), (413, "body_too_large"));

    // The first one waits for the upstream until the test ends.
    let waiting = fixture.chat("gw/x/y");
    let second = async {
        let _open = upstream.accept().await;
        let busy = fixture.chat("gw/x/y").await;
        assert_eq!(busy.code(), (429, "agent_busy"));
        assert_eq!(busy.header("retry-after"), Some("1"));
    };
    tokio::select! {
        _ = waiting => panic!("nothing answers"),
        () = second => {}
    }

    let limits = ForwardingLimits {
        buffered_bytes: 10,
        ..ForwardingLimits::default()
    };
    let fixture = Fixture::with(snapshot, limits, false);
    assert_eq!(fixture.chat("gw/x/y").await.code(), (503, "overloaded"));
}

#[tokio::test]
async fn the_models_of_an_agent_are_listed_for_its_token() {
    let fixture = fixture().await;
    let client = Ipv4Addr::LOCALHOST.into();
    let get = |path: &str| {
        Request::get(path)
            .header("x-api-key", "agent:a")
            .body(Unread)
            .unwrap()
    };
    let list = read(fixture.forwarding.answer(get("/v1/models"), client).await).await;
    assert_eq!(
        (list.status, list.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(list.json()["data"][0]["id"], "gw/x/y");
    let one = read(
        fixture
            .forwarding
            .answer(get("/v1/models/gw/x/y"), client)
            .await,
    )
    .await;
    assert_eq!(one.json()["owned_by"], "gw");
    let none = read(fixture.forwarding.answer(get("/v1/models/x"), client).await).await;
    assert_eq!(none.code(), (404, "unknown_model"));
    let mut anthropics = get("/v1/models?limit=1000");
    let version = "2023-06-01".parse().unwrap();
    anthropics
        .headers_mut()
        .insert("anthropic-version", version);
    let list = read(fixture.forwarding.answer(anthropics, client).await).await;
    assert_eq!(list.json()["data"][0]["type"], "model");
    let refused = send_unread(&fixture, Request::get("/v1/models")).await;
    assert_eq!(refused, (401, "invalid_token".to_owned()));
}
