//! What is sent, and what becomes of answers that are slow, large, squeezed, redirected or broken.

use super::*;
use std::time::Duration;

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";

async fn outcome_of(reply: Reply) -> (FailureKind, String) {
    with(TestEgress::new(), reply).await
}

async fn with(made: TestEgress, reply: Reply) -> (FailureKind, String) {
    let upstream = Upstream::always(reply).await;
    failed(get(&made.client(), &upstream.base("/v1"), true).await)
}

#[tokio::test]
async fn headers_go_out_as_given_and_the_client_asks_for_plain_json() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let egress = TestEgress::new().client();
    let headers = [("Authorization", "Bearer sk-1"), ("X-Tenant", "acme")];
    let base = upstream.base("/v1");
    get_with(&egress, &base, true, &headers).await.ok().unwrap();
    let received = upstream.received();
    let [request] = received.as_slice() else {
        panic!("one request: {received:?}")
    };
    assert_eq!(request.target, "/v1/models");
    assert_eq!(request.header("authorization"), Some("Bearer sk-1"));
    assert_eq!(request.header("x-tenant"), Some("acme"));
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("accept-encoding"), Some("identity"));
    assert_eq!(
        request.header("host"),
        Some(upstream.address.to_string().as_str())
    );
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("Waypost/")
    );
    for absent in ["referer", "cookie", "x-forwarded-for"] {
        assert_eq!(request.header(absent), None);
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_stops_the_call_and_is_not_repeated() {
    let upstream = Upstream::always(Reply::json(200, "[]")).await;
    let egress = TestEgress::new().client();
    let base = upstream.base("");
    for (name, value) in [
        ("authorization", "Bearer canary\r\nx-injected: 1"),
        ("authorization", "Bearer can\u{e9}ary"),
        ("host", "canary"),
        ("x-forwarded-for", "canary"),
        ("accept-encoding", "canary"),
        ("bad name", "canary"),
    ] {
        let (outcome, message) = failed(get_with(&egress, &base, true, &[(name, value)]).await);
        assert_eq!(outcome, FailureKind::InvalidHeader, "{name}");
        assert!(
            message.contains("Nothing was sent") && !message.contains("canary"),
            "{message}"
        );
    }
    assert!(upstream.received().is_empty());
}

#[tokio::test]
async fn a_redirect_is_handed_back_and_its_target_left_alone() {
    for status in [301, 302, 303, 307, 308] {
        let trap = Tripwire::on("127.0.0.1");
        let location = format!("http://{}/models", trap.address);
        let upstream = Upstream::always(Reply::new(status, &[("location", &location)], "")).await;
        let egress = TestEgress::new().client();
        let answer = get_with(
            &egress,
            &upstream.base(""),
            true,
            &[("authorization", "Bearer sk-1")],
        )
        .await;
        assert_eq!(answer.ok().unwrap().status, status);
        trap.assert_untouched("the target of a redirect");
        assert_eq!(upstream.received().len(), 1);
    }
}

#[tokio::test]
async fn no_answer_is_waited_for_longer_than_the_limit() {
    let (outcome, message) = with(TestEgress::new().impatient(), Reply::Stall(Vec::new())).await;
    assert_eq!(outcome, FailureKind::Timeout);
    assert!(
        message.contains("did not start to respond within 0.3 seconds"),
        "{message}"
    );
    // A head that drips in is no answer either.
    let drip = Reply::Drip(
        b"HTTP/1.1 200 OK\r\nx: ".to_vec(),
        b'a',
        Duration::from_millis(20),
    );
    assert_eq!(
        with(TestEgress::new().impatient(), drip).await.0,
        FailureKind::Timeout
    );
}

#[tokio::test]
async fn a_body_that_drips_or_stops_is_given_up() {
    let made = || TestEgress::new().limits(|limits| limits.rate_span = Duration::from_millis(200));
    let drip = Reply::Drip(HEAD.to_vec(), b' ', Duration::from_millis(20));
    for reply in [drip, Reply::Stall(HEAD.to_vec())] {
        let (outcome, message) = with(made(), reply).await;
        assert_eq!(outcome, FailureKind::Timeout);
        assert!(message.contains("responds too slowly"), "{message}");
    }
}

#[tokio::test]
async fn a_body_that_is_fast_enough_but_never_ends_is_given_up() {
    let made = TestEgress::new().limits(|limits| {
        limits.rate_bytes = 0;
        limits.whole = Duration::from_millis(500);
    });
    let drip = Reply::Drip(HEAD.to_vec(), b' ', Duration::from_millis(5));
    let (outcome, message) = with(made, drip).await;
    assert_eq!(outcome, FailureKind::Timeout);
    assert!(
        message.contains("did not finish its response within 0.5 seconds"),
        "{message}"
    );
}

#[tokio::test]
async fn more_than_the_limit_is_not_read() {
    let (outcome, message) = outcome_of(Reply::Endless(HEAD.to_vec())).await;
    assert_eq!(outcome, FailureKind::TooLarge, "{message}");
    assert!(message.contains("more than 8 MiB"), "{message}");
    // Announced in the headers, it is not read at all.
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 8388609\r\n\r\n".to_vec();
    assert_eq!(
        outcome_of(Reply::Stall(announced)).await.0,
        FailureKind::TooLarge
    );
}

#[tokio::test]
async fn exactly_the_limit_is_read() {
    let body = " ".repeat(8 * 1024 * 1024);
    let upstream = Upstream::always(Reply::json(200, &body)).await;
    let answer = get(&TestEgress::new().client(), &upstream.base(""), true).await;
    assert_eq!(answer.ok().unwrap().body.len(), body.len());
}

#[tokio::test]
async fn of_an_error_the_beginning_is_enough() {
    let head = b"HTTP/1.1 502 Bad\r\n\r\n".to_vec();
    let upstream = Upstream::always(Reply::Endless(head)).await;
    let answer = get(&TestEgress::new().client(), &upstream.base(""), true)
        .await
        .ok()
        .unwrap();
    assert_eq!(answer.status, 502);
    assert_eq!(answer.body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_compressed_answer_is_refused() {
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let reply = Reply::new(200, &[("content-encoding", encoding)], "x");
        let (outcome, message) = outcome_of(reply).await;
        assert_eq!(outcome, FailureKind::BadResponse, "{encoding}");
        assert!(message.contains("compressed its response"), "{message}");
    }
    let upstream =
        Upstream::always(Reply::new(200, &[("content-encoding", "identity")], "[]")).await;
    let answer = get(&TestEgress::new().client(), &upstream.base(""), true).await;
    assert_eq!(answer.ok().unwrap().body, b"[]");
}

#[tokio::test]
async fn heads_without_measure_are_refused() {
    let many: String = (0..200)
        .map(|number| format!("x-{number}: 1\r\n"))
        .collect();
    let head = format!("HTTP/1.1 200 OK\r\n{many}\r\n[]");
    assert_eq!(
        outcome_of(Reply::Bytes(head.into_bytes())).await.0,
        FailureKind::TooLarge
    );
    let long = "y".repeat(70 * 1024);
    let (outcome, message) = outcome_of(Reply::new(200, &[("x-long", &long)], "[]")).await;
    assert_eq!(outcome, FailureKind::TooLarge);
    assert!(message.contains("more than 64 KiB of headers"), "{message}");
    let endless = Reply::Endless(b"HTTP/1.1 200 OK\r\nx: ".to_vec());
    assert_eq!(outcome_of(endless).await.0, FailureKind::TooLarge);
}

#[tokio::test]
async fn what_is_not_http_or_breaks_off_is_a_bad_response() {
    for bytes in [
        &b""[..],
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[]",
    ] {
        let (outcome, message) = outcome_of(Reply::Bytes(bytes.to_vec())).await;
        assert_eq!(outcome, FailureKind::BadResponse, "{message}");
        assert!(message.starts_with("http://127.0.0.1:"), "{message}");
        assert!(!message.contains("SSH"), "{message}");
    }
}

#[tokio::test]
async fn a_port_where_nothing_listens_says_so() {
    let free = Tripwire::on("127.0.0.1").address;
    let base = BaseUrl::parse(&format!("http://{free}/v1")).unwrap();
    let (outcome, message) = failed(get(&TestEgress::new().client(), &base, true).await);
    assert_eq!(outcome, FailureKind::ConnectFailed);
    assert_eq!(
        message,
        format!(
            "Nothing listens at http://{free}: the connection was refused. Start the service, or fix the host and port of the base URL."
        )
    );
}
