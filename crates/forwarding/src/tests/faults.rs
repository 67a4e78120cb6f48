//! Upstreams that misbehave: what the caller gets, what is recorded, how much is read, that the
//! connection closes, and that another agent's requests to another upstream are served afterwards.

use super::fixture::{Connection, Fixture, Listener, read, receive, request, snapshot};
use crate::{AnswerBody, ForwardingLimits, Outcome, RequestRecord};
use http::Response;
use http_body_util::BodyExt as _;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

const PATH: &str = "/v1/chat/completions";
const BODY: &str = r#"{"model":"gw/x/y"}"#;
const MIB: usize = 1024 * 1024;

/// What the system may hold of an answer on its way, beside what Waypost does.
const SOCKET_BUFFERS: usize = 16 * MIB;

/// A gateway that misbehaves and one that answers, and an agent for each.
struct Faulty {
    fixture: Fixture,
    /// What the other agent's requests go through where short limits are tried: a busy machine must not
    /// make them fail.
    usual: Option<Fixture>,
    upstream: Listener,
    other: Listener,
}

impl Faulty {
    async fn with(limits: ForwardingLimits) -> Self {
        let (upstream, other) = (Listener::start().await, Listener::start().await);
        let gateways = [("gw", upstream.address()), ("other", other.address())];
        let snapshot = snapshot(&gateways, &["name: a\n", "name: b\n"]);
        let is_usual = limits == ForwardingLimits::default();
        Self {
            usual: (!is_usual).then(|| Fixture::new(snapshot.clone())),
            fixture: Fixture::with(snapshot, limits, false),
            upstream,
            other,
        }
    }

    async fn start() -> Self {
        Self::with(ForwardingLimits::default()).await
    }

    /// The first upstream alone has this long until its head.
    async fn with_first_byte(seconds: u32) -> Self {
        let mut faulty = Self::start().await;
        let gateways = [
            ("gw", faulty.upstream.address()),
            ("other", faulty.other.address()),
        ];
        let mut snapshot = snapshot(&gateways, &["name: a\n", "name: b\n"]);
        snapshot.providers[0].limits.first_byte_seconds = Some(seconds);
        faulty.fixture = Fixture::new(snapshot);
        faulty
    }

    /// Another agent's request to another upstream is answered.
    async fn serve_other(&self, through: &Fixture) {
        let sent = request(PATH, "agent:b", r#"{"model":"other/x/y"}"#);
        let client = Ipv4Addr::LOCALHOST.into();
        let answered = async {
            let (mut connection, _) = self.other.accept().await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            connection.write_all(answer).await.unwrap();
        };
        let sending = async { read(through.forwarding.answer(sent, client).await).await };
        let served = timeout(Duration::from_secs(5), async {
            tokio::join!(sending, answered).0.status
        });
        assert_eq!(served.await.expect("it is not held up"), 200);
    }

    /// The same while the first upstream misbehaves, whose request goes on meanwhile.
    async fn serve_other_meanwhile(&self) {
        self.serve_other(&self.fixture).await;
        assert_eq!(self.fixture.forwarding.load().requests, 1);
    }

    /// Another agent gets its answer, whatever the first upstream has done.
    async fn assert_others_are_served(&mut self) {
        self.serve_other(self.usual.as_ref().unwrap_or(&self.fixture))
            .await;
        let through = self.usual.as_mut().unwrap_or(&mut self.fixture);
        let record = through.records.recv().await.unwrap();
        assert_eq!((&*record.agent, record.status), ("b", 200));
    }

    async fn record(&mut self) -> RequestRecord {
        self.fixture.records.recv().await.unwrap()
    }

    /// Sends a request to the upstream that misbehaves, which has sent this much.
    async fn begin(&self, sent: &str) -> (Response<AnswerBody>, Connection) {
        let served = async {
            let (mut connection, _) = self.upstream.accept().await;
            connection.write_all(sent.as_bytes()).await.unwrap();
            connection
        };
        tokio::join!(self.fixture.send(PATH, BODY), served)
    }
}

fn failed(code: &str) -> Outcome {
    Outcome::Failed(code.to_owned())
}

/// Waits until Waypost has closed its side, for at most a second.
async fn closed(connection: &mut Connection) {
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(1), connection.read_to_end(&mut rest));
    // A reset says the same: Waypost has not read everything.
    let _ = ended.await.expect("it closes within a second");
}

/// Writes a piece again and again until Waypost closes the connection or has taken nothing for a
/// while. Gives the number of bytes, and whether it was closed.
async fn write_endlessly(connection: &mut Connection, piece: &[u8]) -> (usize, bool) {
    let mut written = 0;
    loop {
        match timeout(Duration::from_secs(1), connection.write(piece)).await {
            Ok(Ok(count)) => written += count,
            Ok(Err(_)) => return (written, true),
            Err(_) => return (written, false),
        }
        assert!(written < 1024 * MIB, "there is no end");
    }
}

#[tokio::test]
async fn an_upstream_that_refuses_connections() {
    let mut faulty = Faulty::start().await;
    let gone = Listener::start().await;
    let address = gone.address();
    drop(gone);
    let gateways = [("gw", address), ("other", faulty.other.address())];
    let snapshot = snapshot(&gateways, &["name: a\n", "name: b\n"]);
    faulty.fixture = Fixture::new(snapshot);
    let answer = faulty.fixture.chat("gw/x/y").await;
    assert_eq!(answer.code(), (502, "connect_failed"));
    let record = faulty.record().await;
    assert_eq!(
        (record.status, record.outcome),
        (502, failed("connect_failed"))
    );
    assert_eq!(record.attempts[0].code.as_deref(), Some("connect_failed"));
    faulty.assert_others_are_served().await;
}

#[tokio::test]
async fn an_upstream_that_hangs_before_its_head() {
    let mut faulty = Faulty::with_first_byte(3).await;
    let hanging = async {
        let (connection, _) = faulty.upstream.accept().await;
        faulty.serve_other_meanwhile().await;
        connection
    };
    let (answer, mut connection) = tokio::join!(faulty.fixture.chat("gw/x/y"), hanging);
    assert_eq!(answer.code(), (504, "upstream_timeout"));
    closed(&mut connection).await;
    assert_eq!(faulty.record().await.agent, "b");
    let record = faulty.record().await;
    assert_eq!(
        (record.status, record.outcome),
        (504, failed("upstream_timeout"))
    );
    faulty.assert_others_are_served().await;
}

#[tokio::test]
async fn an_upstream_that_closes_before_its_head() {
    let mut faulty = Faulty::start().await;
    for sent in ["", "HTTP/1.1 200 OK\r\ncontent-", "SSH-2.0-OpenSSH_9.2\r\n"] {
        let refused = async {
            let (mut connection, _) = faulty.upstream.accept().await;
            connection.write_all(sent.as_bytes()).await.unwrap();
        };
        let (answer, ()) = tokio::join!(faulty.fixture.chat("gw/x/y"), refused);
        assert_eq!(answer.code(), (502, "upstream_closed"), "{sent}");
        let record = faulty.record().await;
        assert_eq!(record.outcome, failed("upstream_closed"), "{sent}");
    }
    faulty.assert_others_are_served().await;
}

#[tokio::test]
async fn an_upstream_that_drips_is_waited_for_as_long_as_it_sends() {
    let limits = ForwardingLimits {
        idle: Duration::from_secs(2),
        whole: Duration::from_secs(1),
        ..ForwardingLimits::default()
    };
    let mut faulty = Faulty::with(limits).await;
    let events =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let (response, mut connection) = faulty.begin(events).await;
    let dripping = async {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            connection.write_all(b"1\r\n:\r\n").await.unwrap();
        }
        connection.write_all(b"0\r\n\r\n").await.unwrap();
    };
    // Longer than any pause may be, and than an answer that is no stream may take.
    let (answer, ()) = tokio::join!(read(response), dripping);
    assert_eq!(answer.body, ":::::");
    assert_eq!(faulty.record().await.outcome, Outcome::Answered);
    faulty.assert_others_are_served().await;
}

#[tokio::test]
async fn an_answer_that_drips_ends_at_its_limit() {
    let limits = ForwardingLimits {
        whole: Duration::from_millis(500),
        ..ForwardingLimits::default()
    };
    let mut faulty = Faulty::with(limits).await;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
    let (response, mut connection) = faulty.begin(head).await;
    let dripping = async {
        // Until Waypost closes the connection.
        while connection.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let reading = async { response.into_body().collect().await.is_err() };
    let both = timeout(Duration::from_secs(5), async {
        tokio::join!(reading, dripping)
    });
    assert!(both.await.expect("both end").0, "it is aborted");
    assert_eq!(faulty.record().await.outcome, failed("upstream_timeout"));
    faulty.assert_others_are_served().await;
}

#[tokio::test]
async fn an_answer_that_goes_on_for_ever_takes_no_more_memory_than_is_read() {
    let mut faulty = Faulty::start().await;
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10737418240\r\n\r\n";
    let (response, mut connection) = faulty.begin(head).await;
    let mut body = response.into_body();
    let piece = vec![b' '; MIB];
    // The caller reads nothing: the upstream is not read from, either.
    let (written, is_closed) = write_endlessly(&mut connection, &piece).await;
    assert!(!is_closed && written <= SOCKET_BUFFERS, "{written}");
    faulty.assert_others_are_served().await;
    // What the caller reads is all that goes on.
    let mut taken = 0;
    let reading = async {
        while taken < 8 * SOCKET_BUFFERS {
            taken += body
                .frame()
                .await
                .unwrap()
                .unwrap()
                .into_data()
                .unwrap()
                .len();
        }
    };
    let writing = async {
        let mut more = 0;
        while more < 8 * SOCKET_BUFFERS {
            connection.write_all(&piece).await.unwrap();
            more += MIB;
        }
    };
    tokio::join!(reading, writing);
    drop(body);
    closed(&mut connection).await;
    let record = faulty.record().await;
    assert_eq!((record.status, record.outcome), (200, Outcome::Cancelled));
    assert_eq!(record.bytes_out, taken as u64);
}

#[tokio::test]
async fn a_head_that_goes_on_for_ever_is_given_up() {
    let line = format!("x-{}: {}\r\n", "a".repeat(100), "b".repeat(1000));
    for endless in [line, "c".repeat(1000)] {
        let mut faulty = Faulty::start().await;
        let writing = async {
            let (mut connection, _) = faulty.upstream.accept().await;
            let start = b"HTTP/1.1 200 OK\r\nx-first: 1\r\nx-";
            connection.write_all(start).await.unwrap();
            faulty.serve_other_meanwhile().await;
            write_endlessly(&mut connection, endless.as_bytes()).await
        };
        let (answer, (written, is_closed)) = tokio::join!(faulty.fixture.chat("gw/x/y"), writing);
        assert_eq!(answer.code(), (502, "upstream_closed"));
        assert!(is_closed && written <= SOCKET_BUFFERS, "{written}");
        assert_eq!(faulty.record().await.agent, "b");
        let record = faulty.record().await;
        assert_eq!(record.outcome, failed("upstream_closed"));
        faulty.assert_others_are_served().await;
    }
}

#[tokio::test]
async fn an_error_inside_a_success_passes_byte_for_byte() {
    let mut faulty = Faulty::start().await;
    for (kind, sent) in [
        (
            "application/json",
            r#"{"error":{"message":"no such model"}}"#,
        ),
        (
            "text/event-stream",
            "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
        ),
    ] {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{sent}",
            sent.len()
        );
        let (response, _connection) = faulty.begin(&answer).await;
        let answer = read(response).await;
        assert_eq!((answer.status, &*answer.body), (200, sent.as_bytes()));
        let record = faulty.record().await;
        assert_eq!(
            (record.status, record.outcome, record.has_error),
            (200, Outcome::Answered, true)
        );
    }
}

#[tokio::test]
async fn an_upstream_that_answers_before_it_has_read_the_request() {
    let mut faulty = Faulty::start().await;
    let body = format!(r#"{{"model":"gw/x/y","a":"{}"}}"#, "a".repeat(4 * MIB));
    let answering = async {
        let (mut connection, _) = faulty.upstream.accept_head().await;
        let answer =
            b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        connection.write_all(answer).await.unwrap();
        connection
    };
    let (response, mut connection) = tokio::join!(faulty.fixture.send(PATH, &body), answering);
    let answer = read(response).await;
    assert_eq!((answer.status, &*answer.body), (413, &b"{}"[..]));
    closed(&mut connection).await;
    assert_eq!(faulty.record().await.outcome, Outcome::Answered);
}

#[tokio::test]
async fn a_body_that_is_not_read_counts_for_as_long_as_it_is_kept() {
    let mut faulty = Faulty::start().await;
    // More than the system takes for the upstream.
    let length = 2 * SOCKET_BUFFERS;
    let body = format!(r#"{{"model":"gw/x/y","a":"{}"}}"#, "a".repeat(length));
    let answering = async {
        let (mut connection, _) = faulty.upstream.accept_head().await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n3\r\n: a\r\n";
        connection.write_all(answer).await.unwrap();
        connection
    };
    let (response, _connection) = tokio::join!(faulty.fixture.send(PATH, &body), answering);
    let mut streamed = response.into_body();
    streamed.frame().await.unwrap().unwrap();
    let kept = || faulty.fixture.forwarding.load().buffered_bytes;
    assert!(kept() >= length, "{}", kept());
    drop(streamed);
    let freed = async {
        while kept() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(1), freed)
        .await
        .expect("it is given back");
    assert_eq!(faulty.record().await.outcome, Outcome::Cancelled);
}

#[tokio::test]
async fn a_bug_answers_in_the_callers_dialect_and_gives_its_place_back() {
    let upstream = Listener::start().await;
    let gateways = [("panics", upstream.address()), ("gw", upstream.address())];
    let limits = ForwardingLimits {
        requests_per_agent: 1,
        ..ForwardingLimits::default()
    };
    let mut fixture = Fixture::with(snapshot(&gateways, &["name: a\n"]), limits, false);
    let answer = read(
        fixture
            .send("/v1/messages", r#"{"model":"panics/x/y"}"#)
            .await,
    )
    .await;
    assert_eq!(answer.code(), (500, "internal"));
    assert_eq!(answer.json()["error"]["type"], "api_error");
    let record = fixture.records.recv().await.unwrap();
    assert_eq!((record.status, record.outcome), (500, failed("internal")));
    assert_eq!(Some(&*record.id), answer.header("x-waypost-request-id"));
    let answering = async {
        let (mut connection, _) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        connection.write_all(answer).await.unwrap();
        // The connection stays, and serves the next request.
        receive(&mut connection).await;
        connection.write_all(answer).await.unwrap();
    };
    let asking = async {
        assert_eq!(fixture.chat("gw/x/y").await.status, 200);
        assert_eq!(fixture.chat("gw/x/y").await.status, 200);
    };
    tokio::join!(asking, answering);
}
