//! The time limits of a single provider or source.

use super::fixture::{Fixture, Listener, snapshot};
use crate::{ForwardingLimits, Outcome};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};
use waypost_routing::time_limits::TimeLimits;

const CHAT: &str = "/v1/chat/completions";

/// A gateway with limits, and another one without.
async fn limited(limits: TimeLimits, scheme: &str) -> (Fixture, Listener, Listener) {
    let (own, other) = (Listener::start().await, Listener::start().await);
    let gateways = [("gw", own.address()), ("other", other.address())];
    let mut snapshot = snapshot(&gateways, &["name: a\n"]);
    let entry = &mut snapshot.providers[0];
    entry.limits = limits;
    let origin = format!("{scheme}://{}", own.address());
    entry.base_url = format!("{origin}/api/v1");
    let bound = &mut snapshot.secrets.stored;
    bound.insert("gw/api-key".to_owned(), origin.clone());
    snapshot.granted_origins.insert(origin);
    (Fixture::new(snapshot), own, other)
}

fn limits(change: impl FnOnce(&mut TimeLimits)) -> TimeLimits {
    let mut limits = TimeLimits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn a_provider_that_does_not_accept_a_connection_is_given_up_after_its_own_time() {
    let own = limits(|limits| limits.connect_seconds = Some(1));
    // The listener accepts, and the handshake does not end.
    let (fixture, _own, _other) = limited(own, "https").await;
    let begun = Instant::now();
    let answer = fixture.chat("gw/x/y").await;
    assert_eq!(answer.code(), (502, "connect_failed"));
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "the usual limit is 5 s"
    );
}

#[tokio::test]
async fn a_provider_that_does_not_begin_to_answer_is_given_up_after_its_own_time() {
    let own = limits(|limits| limits.first_byte_seconds = Some(1));
    let (fixture, own, other) = limited(own, "http").await;
    // The usual time of the other one goes on.
    let others = timeout(Duration::from_secs(3), fixture.chat("other/x/y"));
    let (answer, others, _own, _other) =
        tokio::join!(fixture.chat("gw/x/y"), others, own.accept(), other.accept());
    assert_eq!(answer.code(), (504, "upstream_timeout"));
    assert!(others.is_err(), "it is still waited for");
}

#[tokio::test]
async fn the_time_until_an_answer_counts_from_acceptance_over_both_attempts() {
    let (primary, fallback) = (Listener::start().await, Listener::start().await);
    let gateways = [("gw", primary.address()), ("other", fallback.address())];
    let agent = "name: a\nmodel: { primary: gw/x/y, fallback: other/x/y }\n";
    let limits = ForwardingLimits {
        first_byte: Duration::from_secs(3),
        ..ForwardingLimits::default()
    };
    let fixture = Fixture::with(snapshot(&gateways, &[agent]), limits, false);
    let begun = Instant::now();
    let failing = async {
        let (mut connection, _) = primary.accept().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let answer = b"HTTP/1.1 503 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
    };
    let (answer, (), _silent) = tokio::join!(fixture.chat("gw/x/y"), failing, fallback.accept());
    assert_eq!(answer.code(), (504, "upstream_timeout"));
    assert!(
        begun.elapsed() < Duration::from_millis(4500),
        "not 3 s anew: {:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn the_time_of_a_whole_answer_counts_before_it_begins() {
    let limits = ForwardingLimits {
        whole: Duration::from_secs(1),
        ..ForwardingLimits::default()
    };
    let upstream = Listener::start().await;
    let snapshot = snapshot(&[("gw", upstream.address())], &["name: a\n"]);
    let fixture = Fixture::with(snapshot, limits, false);
    let both = async { tokio::join!(fixture.chat("gw/x/y"), upstream.accept()) };
    let (answer, _silent) = timeout(Duration::from_secs(10), both).await.unwrap();
    assert_eq!(answer.code(), (504, "upstream_timeout"));
}

#[tokio::test]
async fn an_answer_that_pauses_or_takes_too_long_ends_after_the_providers_own_time() {
    let events =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let json =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    for (own, head) in [
        (limits(|limits| limits.idle_seconds = Some(1)), events),
        (limits(|limits| limits.answer_seconds = Some(1)), json),
    ] {
        let (mut fixture, own, _other) = limited(own, "http").await;
        let served = async {
            let (mut connection, _) = own.accept().await;
            connection.write_all(head.as_bytes()).await.unwrap();
            connection
        };
        let sent = fixture.send(CHAT, r#"{"model":"gw/x/y"}"#);
        let (response, _connection) = tokio::join!(sent, served);
        let body = http_body_util::BodyExt::collect(response.into_body());
        assert!(body.await.is_err(), "it is aborted");
        let record = fixture.records.recv().await.unwrap();
        assert_eq!(
            record.outcome,
            Outcome::Failed("upstream_timeout".to_owned())
        );
    }
}
