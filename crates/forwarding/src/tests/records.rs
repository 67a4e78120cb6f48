//! What is recorded of a request, and what never is.

use super::fixture::{Fixture, Listener, read, request, snapshot};
use crate::{Outcome, TokenUsage};
use http::HeaderValue;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Resolution, RouteKind, Rule};

const AGENT: &str =
    "name: a\nmodel: { primary: gw/x/y }\nsubagents:\n  writer: { model: { primary: gw/x/z } }\n";

async fn fixture() -> (Fixture, Listener) {
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    (Fixture::new(snapshot), upstream)
}

async fn answers(upstream: &Listener, kind: &str, body: &str) {
    let (mut connection, _) = upstream.accept().await;
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    connection.write_all(answer.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn the_route_the_attempt_and_the_tokens_are_recorded() {
    let (mut fixture, upstream) = fixture().await;
    let body = r#"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}}"#;
    let model = "gw/x/z::subagent::writer";
    let (answer, ()) = tokio::join!(
        fixture.chat(model),
        answers(&upstream, "application/json; charset=utf-8", body)
    );
    assert_eq!(answer.body, body);
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(record.subagent.as_deref(), Some("writer"));
    assert_eq!(record.operation, Some(Operation::Chat));
    assert!(record.at > 0 && !record.has_error);
    let usage = TokenUsage {
        input: Some(9),
        output: Some(4),
        cached: Some(3),
    };
    assert_eq!(record.usage, usage);
    let route: Resolution = serde_json::from_str(&record.route.unwrap().json).unwrap();
    assert_eq!(route.model_ref, model);
    let [attempt] = &record.attempts[..] else {
        panic!("{:?}", record.attempts);
    };
    assert_eq!(
        (attempt.kind, attempt.rule),
        (Some(RouteKind::Gateway), Some(Rule::Gateway))
    );
    assert!(attempt.sent && attempt.connect.unwrap() > Duration::ZERO);
    let head = attempt.head.unwrap();
    assert!(attempt.connect.unwrap() <= head && head <= attempt.total);
    assert!(attempt.begun + head <= record.first_byte.unwrap());
    assert!(attempt.begun + attempt.total <= record.total);
}

#[tokio::test]
async fn an_error_inside_an_answer_is_recorded() {
    let (mut fixture, upstream) = fixture().await;
    let (answer, ()) = tokio::join!(
        fixture.chat("gw/x/y"),
        answers(
            &upstream,
            "application/json",
            r#"{"error":"Unexpected endpoint"}"#
        )
    );
    assert_eq!(answer.status, 200);
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(
        (record.outcome, record.has_error),
        (Outcome::Answered, true)
    );
    // What is no JSON is not looked at.
    let (_, ()) = tokio::join!(
        fixture.chat("gw/x/y"),
        answers(
            &upstream,
            "audio/mpeg",
            r#"{"error":"x","usage":{"prompt_tokens":1}}"#
        )
    );
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(
        (record.has_error, record.usage),
        (false, TokenUsage::default())
    );
}

#[tokio::test]
async fn an_attempt_is_recorded_although_the_caller_leaves_in_the_middle_of_it() {
    let (mut fixture, upstream) = fixture().await;
    let body = r#"{"model":"gw/x/y"}"#;
    tokio::select! {
        _ = fixture.send("/v1/messages", body) => panic!("nothing answers"),
        _ = upstream.accept() => {}
    }
    let record = fixture.records.recv().await.unwrap();
    assert_eq!((record.outcome, record.status), (Outcome::Cancelled, 0));
    let [attempt] = &record.attempts[..] else {
        panic!("{:?}", record.attempts);
    };
    assert!(attempt.sent && attempt.status.is_none() && attempt.head.is_none());
    assert!(attempt.total > Duration::ZERO && record.first_byte.is_none());
}

#[tokio::test]
async fn an_attempt_that_cannot_be_sent_says_so() {
    let (mut fixture, _upstream) = fixture().await;
    fixture.chat("gw/").await;
    let record = fixture.records.recv().await.unwrap();
    assert!(record.route.is_some(), "why it was refused is in its route");
    assert!(
        record
            .attempts
            .iter()
            .all(|attempt| !attempt.sent && attempt.code.is_some())
    );
}

#[tokio::test]
async fn no_prompt_answer_header_value_or_query_is_recorded() {
    let (mut fixture, upstream) = fixture().await;
    let body =
        r#"{"model":"gw/x/y","user":"canary-user","messages":[{"content":"canary-prompt"}]}"#;
    let mut sent = request("/v1/messages?beta=canary-query", "agent:a", body);
    for name in [
        "user-agent",
        "anthropic-beta",
        "x-request-id",
        "traceparent",
        "x-other",
    ] {
        let value = HeaderValue::from_static("canary-header");
        sent.headers_mut().insert(name, value);
    }
    let answer =
        r#"{"content":"canary-answer","usage":{"input_tokens":1},"error":{"x":"canary-error"}}"#;
    let (answer, ()) = tokio::join!(
        async {
            read(
                fixture
                    .forwarding
                    .answer(sent, Ipv4Addr::LOCALHOST.into())
                    .await,
            )
            .await
        },
        answers(&upstream, "application/json", answer)
    );
    assert_eq!(answer.status, 200);
    let record = format!("{:?}", fixture.records.recv().await.unwrap());
    assert!(record.contains("gw/x/y"));
    // The value of a header that an administrator configured, which was sent.
    assert!(
        record.contains("x-team") && !record.contains(r#"\"one\""#),
        "{record}"
    );
    for canary in ["canary", "key-of-", "agent:a"] {
        assert!(!record.contains(canary), "{canary}: {record}");
    }
}

#[tokio::test]
async fn a_model_string_as_long_as_a_body_is_recorded_in_short() {
    let (mut fixture, _upstream) = fixture().await;
    let model = "x".repeat(1024 * 1024);
    for _ in 0..100 {
        fixture.chat(&model).await;
        let record = fixture.records.recv().await.unwrap();
        assert_eq!(record.model.as_deref().map(str::len), Some(512));
        assert!(record.route.is_none());
        for attempt in &record.attempts {
            assert!(
                attempt
                    .wire_model
                    .as_deref()
                    .is_none_or(|model| model.len() <= 512)
            );
        }
    }
}
