//! When the fallback is used, and when it is not.

use super::fixture::{Answer, Fixture, Listener, snapshot};
use crate::ForwardingLimits;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use waypost_routing::snapshot::{ModelEntry, Snapshot};

const AGENT: &str = "name: a\nmodel: { primary: one/x/primary, fallback: two/x/fallback }\nsubagents:\n  s: { model: { primary: one/x/sub, fallback: two/x/subs } }\n";

struct Pair {
    one: Listener,
    two: Listener,
}

impl Pair {
    async fn start() -> Self {
        let (one, two) = (Listener::start().await, Listener::start().await);
        Self { one, two }
    }

    fn snapshot(&self, agent: &str) -> Snapshot {
        let gateways = [("one", self.one.address()), ("two", self.two.address())];
        snapshot(&gateways, &[agent])
    }
}

/// Answers one request with this status, and returns the body that was received.
async fn answers(listener: &Listener, status: u16) -> String {
    let (mut connection, wire) = listener.accept().await;
    let answer =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 3\r\n\r\n{status}");
    connection.write_all(answer.as_bytes()).await.unwrap();
    wire.body
}

/// Sends a model of the agent whose first upstream answers with a status. The second one must be
/// asked, or must not.
async fn after(status: u16, model: &str) -> (Answer, Option<String>) {
    let pair = Pair::start().await;
    let fixture = Fixture::new(pair.snapshot(AGENT));
    let sent = async {
        let (answer, _) = tokio::join!(fixture.chat(model), answers(&pair.one, status));
        answer
    };
    let mut sent = std::pin::pin!(sent);
    tokio::select! {
        answer = &mut sent => (answer, None),
        body = answers(&pair.two, 200) => (sent.await, Some(body)),
    }
}

#[tokio::test]
async fn a_status_that_may_be_better_elsewhere_leads_to_the_fallback() {
    for status in [429, 500, 502, 503, 504, 529] {
        let (answer, body) = after(status, "one/x/primary").await;
        assert_eq!(
            (answer.status, &*answer.body),
            (200, &b"200"[..]),
            "{status}"
        );
        assert_eq!(body.unwrap(), r#"{"model":"x/fallback"}"#);
        let reason = format!("status_{status}");
        assert_eq!(answer.header("x-waypost-fallback"), Some(&*reason));
        assert_eq!(answer.header("x-waypost-provider"), Some("two"));
    }
}

#[tokio::test]
async fn any_other_status_is_the_answer() {
    for status in [200, 400, 401, 403, 404, 408, 413, 422, 501, 505] {
        let (answer, body) = after(status, "one/x/primary").await;
        assert_eq!((answer.status, body), (status, None));
        assert_eq!(answer.header("x-waypost-fallback"), None);
    }
}

#[tokio::test]
async fn only_a_primary_has_a_fallback() {
    let (answer, body) = after(503, "one/x/other").await;
    assert_eq!((answer.status, body), (503, None));
    let (answer, body) = after(503, "one/x/sub::subagent::s").await;
    assert_eq!(answer.status, 200);
    assert_eq!(body.unwrap(), r#"{"model":"x/subs"}"#);
    // The subagent's primary without its scope is no primary.
    assert_eq!(after(503, "one/x/sub").await.0.status, 503);
}

#[tokio::test]
async fn a_fallback_that_fails_too_is_the_answer() {
    let pair = Pair::start().await;
    let mut fixture = Fixture::new(pair.snapshot(AGENT));
    let (answer, ..) = tokio::join!(
        fixture.chat("one/x/primary"),
        answers(&pair.one, 503),
        answers(&pair.two, 429)
    );
    assert_eq!((answer.status, &*answer.body), (429, &b"429"[..]));
    let record = fixture.records.recv().await.unwrap();
    let statuses: Vec<_> = record.attempts.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(503), Some(429)]);
    assert_eq!(record.fallback.as_deref(), Some("status_503"));
}

#[tokio::test]
async fn a_failure_before_the_first_byte_leads_to_the_fallback() {
    let pair = Pair::start().await;
    let mut snapshot = pair.snapshot(AGENT);

    // One closes in place of answering, and one does not answer.
    let fixture = Fixture::new(snapshot.clone());
    let (answer, ..) = tokio::join!(
        fixture.chat("one/x/primary"),
        async { drop(pair.one.accept().await) },
        answers(&pair.two, 200)
    );
    assert_eq!(answer.header("x-waypost-fallback"), Some("upstream_closed"));
    // The time of the fallback counts from acceptance as well, so that it needs a longer one.
    let mut slow = snapshot.clone();
    slow.providers[0].limits.first_byte_seconds = Some(1);
    let fixture = Fixture::new(slow);
    let (answer, _open, _) = tokio::join!(
        fixture.chat("one/x/primary"),
        pair.one.accept(),
        answers(&pair.two, 200)
    );
    assert_eq!(
        answer.header("x-waypost-fallback"),
        Some("upstream_timeout")
    );

    let gone = Listener::start().await.address();
    snapshot.providers[0].base_url = format!("http://{gone}/v1");
    snapshot.granted_origins.insert(format!("http://{gone}"));
    snapshot
        .secrets
        .stored
        .insert("one/api-key".to_owned(), format!("http://{gone}"));
    let fixture = Fixture::new(snapshot);
    let (answer, _) = tokio::join!(fixture.chat("one/x/primary"), answers(&pair.two, 200));
    assert_eq!(answer.header("x-waypost-fallback"), Some("connect_failed"));
}

#[tokio::test]
async fn any_other_failure_of_an_attempt_is_the_answer() {
    let pair = Pair::start().await;
    let snapshot = pair.snapshot(AGENT);
    let mut not_granted = snapshot.clone();
    not_granted.granted_origins.clear();
    for (snapshot, no_secrets, expected) in [
        (snapshot.clone(), true, (503, "secrets_unavailable")),
        (not_granted, false, (502, "address_not_allowed")),
    ] {
        let mut fixture = Fixture::with(snapshot, ForwardingLimits::default(), no_secrets);
        let answer = fixture.chat("one/x/primary").await;
        assert_eq!(answer.code(), expected);
        let message = answer.json()["error"]["message"].to_string();
        assert!(!message.contains("127.0.0.1"), "{message}");
        let record = fixture.records.recv().await.unwrap();
        assert_eq!((record.attempts.len(), record.fallback), (1, None));
    }

    // Answers that cannot be passed on.
    let many = "x: 1\r\n".repeat(101);
    for head in [
        "101 X\r\nupgrade: x\r\nconnection: upgrade\r\n",
        &format!("200 X\r\n{many}"),
    ] {
        let mut fixture = Fixture::new(snapshot.clone());
        let served = async {
            let (mut connection, _) = pair.one.accept().await;
            let head = format!("HTTP/1.1 {head}\r\n");
            connection.write_all(head.as_bytes()).await.unwrap();
        };
        let (answer, ()) = tokio::join!(fixture.chat("one/x/primary"), served);
        assert_eq!(answer.code(), (502, "upstream_closed"));
        let record = fixture.records.recv().await.unwrap();
        assert_eq!((record.attempts.len(), record.fallback), (1, None));
    }
}

#[tokio::test]
async fn a_rejected_primary_leads_to_the_fallback_unless_it_is_disabled() {
    let pair = Pair::start().await;
    let mut snapshot = pair.snapshot(AGENT);
    let mut disabled = snapshot.clone();
    disabled.models.push(ModelEntry {
        owner: "one".to_owned(),
        id: "x/primary".to_owned(),
        enabled: false,
        absent: false,
    });
    let fixture = Fixture::new(disabled);
    let answer = fixture.chat("one/x/primary").await;
    assert_eq!(answer.code(), (422, "model_disabled"));

    snapshot.secrets.stored.remove("one/api-key");
    let fixture = Fixture::new(snapshot.clone());
    let (answer, _) = tokio::join!(fixture.chat("one/x/primary"), answers(&pair.two, 200));
    assert_eq!(answer.header("x-waypost-fallback"), Some("missing_api_key"));

    // A fallback that cannot be sent either leaves the primary's answer.
    snapshot.secrets.stored.remove("two/api-key");
    let answer = Fixture::new(snapshot).chat("one/x/primary").await;
    assert_eq!(answer.code(), (422, "missing_api_key"));
    assert!(
        answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`one`")
    );
}

#[tokio::test]
async fn a_passthrough_request_is_never_sent_another_way() {
    let pair = Pair::start().await;
    let agent = format!(
        "name: a\nmodel: {{ primary: alias, fallback: two/x/y, passthrough: true, base_url: 'http://{}/v1' }}\n",
        pair.one.address()
    );
    let fixture = Fixture::new(pair.snapshot(&agent));
    let (answer, _) = tokio::join!(fixture.chat("alias"), answers(&pair.one, 503));
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("x-waypost-route"), Some("passthrough"));
    let rejected = "name: a\nmodel: { primary: alias, fallback: two/x/y, source: gone }\n";
    let fixture = Fixture::new(pair.snapshot(rejected));
    assert_eq!(fixture.chat("alias").await.code(), (422, "unknown_source"));
}

#[tokio::test]
async fn after_the_time_of_a_whole_answer_the_fallback_is_not_tried() {
    let limits = ForwardingLimits {
        whole: Duration::ZERO,
        ..ForwardingLimits::default()
    };
    let pair = Pair::start().await;
    let fixture = Fixture::with(pair.snapshot(AGENT), limits, false);
    let answer = tokio::select! {
        answer = fixture.chat("one/x/primary") => answer,
        _ = answers(&pair.two, 200) => panic!("the fallback was tried"),
    };
    assert_eq!(answer.code(), (504, "upstream_timeout"));
}
