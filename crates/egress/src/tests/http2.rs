//! HTTP/2 upstreams, frame by frame: shared connections, their ends, and their limits.

use super::*;
use crate::test_support::SecureListener;
use crate::{Access, OutgoingRequest, PoolLimits, RequestBody, ResponseBody, UpstreamPool};
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use http_body_util::BodyExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

const NAME: &str = "models.example.com";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const FLOW_CONTROL_ERROR: u32 = 3;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

/// `:status: 200` in HPACK.
const OK: &[u8] = &[0x88];

struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

/// The upstream's end of a connection, and the settings of the client.
struct Peer<S>(S, Vec<u8>);

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Reads the preface of the client, and sends its own settings: pairs of identifier and value.
    async fn greet(mut stream: S, settings: &[(u16, u32)]) -> Self {
        let mut preface = [0; 24];
        stream.read_exact(&mut preface).await.unwrap();
        assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        let mut peer = Self(stream, Vec::new());
        let mut payload = Vec::new();
        for (identifier, value) in settings {
            payload.extend(identifier.to_be_bytes());
            payload.extend(value.to_be_bytes());
        }
        peer.send(SETTINGS, 0, 0, &payload).await;
        peer.1 = peer.next_of(SETTINGS).await.payload;
        peer.send(SETTINGS, ACK, 0, &[]).await;
        peer
    }

    /// Fails silently once the client is gone.
    async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let mut frame = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.0.write_all(&frame).await.is_ok() && self.0.flush().await.is_ok()
    }

    async fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).await.ok()?;
        let [.., a, b, c, d] = head;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        Some(Frame {
            kind: head[3],
            flags: head[4],
            stream: u32::from_be_bytes([a, b, c, d]),
            payload,
        })
    }

    async fn next_of(&mut self, kind: u8) -> Frame {
        loop {
            let frame = self.next().await.expect("the client stays");
            if frame.kind == kind {
                return frame;
            }
        }
    }

    /// The stream of the next request, which has been read to its end.
    async fn request(&mut self) -> u32 {
        loop {
            let frame = self.next().await.expect("the client stays");
            if matches!(frame.kind, HEADERS | DATA) && frame.flags & END_STREAM > 0 {
                return frame.stream;
            }
        }
    }

    async fn answer(&mut self, stream: u32, body: &[u8]) {
        self.send(HEADERS, END_HEADERS, stream, OK).await;
        self.send(DATA, END_STREAM, stream, body).await;
    }

    async fn reset(&mut self, stream: u32, code: u32) {
        self.send(RST_STREAM, 0, stream, &code.to_be_bytes()).await;
    }

    async fn go_away(&mut self, last: u32, code: u32) {
        let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
        self.send(GOAWAY, 0, 0, &payload).await;
    }
}

/// What a test sends with, and the upstream it sends to.
struct Fixture {
    pool: UpstreamPool,
    dials: Arc<AtomicUsize>,
    base: BaseUrl,
    upstream: SecureListener,
}

impl Fixture {
    async fn start(protocols: &[&str]) -> Self {
        let upstream = SecureListener::start(&[NAME], protocols).await;
        let names = Names::in_turn(&[&["127.0.0.1"]]);
        let trusting = TestEgress::new()
            .names(&names)
            .trusting(upstream.certificate());
        let (egress, dials) = trusting.build();
        Self {
            pool: egress.upstream_pool(PoolLimits::default()),
            dials,
            base: BaseUrl::parse(&format!("https://{NAME}:{}/v1", upstream.port())).unwrap(),
            upstream,
        }
    }

    async fn http2() -> Self {
        Self::start(&["h2", "http/1.1"]).await
    }

    async fn accept(&self) -> Peer<impl AsyncRead + AsyncWrite + Unpin + use<>> {
        Peer::greet(self.upstream.accept().await, &[]).await
    }

    async fn head(&self, body: Bytes) -> Result<Response<ResponseBody>, CallFailure> {
        let request = OutgoingRequest {
            method: Method::POST,
            path_and_query: "/v1/x?a=%7e".parse().unwrap(),
            headers: HeaderMap::new(),
            body: RequestBody::new([Bytes::from_static(b"{"), body, Bytes::from_static(b"}")]),
        };
        self.pool.send(&self.base, Access::new(true), request).await
    }

    async fn send(&self) -> Result<String, CallFailure> {
        let body = self.head(Bytes::new()).await?.into_body();
        let body = body.collect().await.expect("it ends regularly");
        Ok(String::from_utf8(body.to_bytes().to_vec()).unwrap())
    }

    /// Sends a request that the upstream answers.
    async fn warm_up(&self) -> Peer<impl AsyncRead + AsyncWrite + Unpin + use<>> {
        let answered = async {
            let mut peer = self.accept().await;
            let stream = peer.request().await;
            peer.answer(stream, b"ok").await;
            peer
        };
        let (sent, peer) = tokio::join!(self.send(), answered);
        assert_eq!(sent.unwrap(), "ok");
        peer
    }

    fn dials(&self) -> usize {
        self.dials.load(Ordering::SeqCst)
    }
}

/// Waits for something that happens within a second.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let done = timeout(Duration::from_secs(1), future).await;
    done.expect("it happens within a second")
}

#[tokio::test]
async fn requests_share_a_connection_also_those_that_begin_before_there_is_one() {
    let fixture = Fixture::http2().await;
    let answered = async {
        let mut peer = fixture.accept().await;
        // None is answered before all of them have come.
        let streams = [
            peer.request().await,
            peer.request().await,
            peer.request().await,
        ];
        for stream in streams.into_iter().rev() {
            peer.answer(stream, stream.to_string().as_bytes()).await;
        }
        peer
    };
    let (one, two, three, _peer) =
        tokio::join!(fixture.send(), fixture.send(), fixture.send(), answered);
    let mut bodies = [one.unwrap(), two.unwrap(), three.unwrap()];
    bodies.sort_unstable();
    assert_eq!(bodies, ["1", "3", "5"]);
    assert_eq!((fixture.dials(), fixture.pool.open_connections()), (1, 1));
}

#[tokio::test]
async fn the_headers_are_those_of_the_request_and_no_others() {
    let fixture = Fixture::http2().await;
    let serving = async {
        let stream = fixture.upstream.accept().await;
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let (request, mut respond) = connection.accept().await.unwrap().unwrap();
        let (head, mut body) = request.into_parts();
        let mut answer = respond.send_response(Response::new(()), false).unwrap();
        answer
            .send_data(Bytes::from(format!("{head:?}")), true)
            .unwrap();
        // Reads and writes while the client stays.
        tokio::join!(connection.accept(), async move { body.data().await }).0
    };
    let mut headers = HeaderMap::new();
    headers.insert("x-team", "one".parse().unwrap());
    let request = OutgoingRequest {
        method: Method::POST,
        path_and_query: "/v1/x?a=%7e".parse().unwrap(),
        headers,
        body: RequestBody::new(["{", "", "}"].map(Bytes::from)),
    };
    let sent = async {
        let answer = fixture
            .pool
            .send(&fixture.base, Access::new(true), request)
            .await;
        answer.unwrap().into_body().collect().await.unwrap()
    };
    let seen = tokio::select! {
        _ = serving => panic!("the client stays"),
        seen = sent => String::from_utf8(seen.to_bytes().to_vec()).unwrap(),
    };
    let uri = format!("https://{NAME}:{}/v1/x?a=%7e", fixture.upstream.port());
    let expected = format!(
        r#"Parts {{ method: POST, uri: {uri}, version: HTTP/2.0, headers: {{"x-team": "one", "content-length": "2"}} }}"#
    );
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_connection_takes_so_many_requests_as_the_upstream_allows() {
    let fixture = Fixture::http2().await;
    let sent = async {
        let first = fixture.head(Bytes::new()).await.unwrap();
        // The settings of the upstream came before the head.
        let second = fixture.head(Bytes::new()).await.unwrap();
        assert_eq!(fixture.dials(), 2);
        drop(first);
        second
    };
    let serving = async {
        let mut peers = Vec::new();
        for _ in 0..2 {
            let stream = fixture.upstream.accept().await;
            let mut peer = Peer::greet(stream, &[(3, 1)]).await;
            let stream = peer.request().await;
            peer.send(HEADERS, END_HEADERS, stream, OK).await;
            peers.push(peer);
        }
        peers
    };
    let (second, mut peers) = tokio::join!(sent, serving);
    let reset = soon(peers[0].next_of(RST_STREAM)).await;
    assert_eq!(reset.payload, CANCEL.to_be_bytes());
    // The first has a place again.
    let (third, ()) = tokio::join!(fixture.send(), async {
        let stream = peers[0].request().await;
        peers[0].answer(stream, b"third").await;
    });
    assert_eq!((&*third.unwrap(), fixture.dials()), ("third", 2));
    drop(second);
}

#[tokio::test]
async fn a_connection_that_goes_away_is_replaced_before_and_after_the_next_request_began() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    // Between two requests, and while one is on its way.
    for began in [false, true] {
        if !began {
            peer.go_away(1, NO_ERROR).await;
            drop(peer);
        } else {
            let going = async {
                assert_eq!(peer.request().await, 3);
                peer.go_away(1, NO_ERROR).await;
                let mut next = fixture.accept().await;
                let stream = next.request().await;
                next.answer(stream, b"again").await;
                next
            };
            let (sent, _next) = tokio::join!(fixture.send(), going);
            assert_eq!((&*sent.unwrap(), fixture.dials()), ("again", 3));
            return;
        }
        peer = fixture.warm_up().await;
    }
}

#[tokio::test]
async fn a_kept_connection_that_breaks_off_is_replaced_once() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    let breaking = async {
        peer.request().await;
        drop(peer);
        let mut next = fixture.accept().await;
        next.request().await;
    };
    let (sent, ()) = tokio::join!(fixture.send(), breaking);
    assert_eq!(sent.unwrap_err().kind, FailureKind::BadResponse);
    assert_eq!(fixture.dials(), 2);
}

#[tokio::test]
async fn a_stream_is_sent_again_once_and_only_if_the_upstream_refused_it() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    for (codes, answered) in [
        (&[REFUSED_STREAM][..], true),
        (&[REFUSED_STREAM, REFUSED_STREAM], false),
        (&[INTERNAL_ERROR], false),
        (&[NO_ERROR], false),
    ] {
        let serving = async {
            for code in codes {
                let stream = peer.request().await;
                peer.reset(stream, *code).await;
            }
            if answered {
                let stream = peer.request().await;
                peer.answer(stream, b"ok").await;
            }
        };
        let (sent, ()) = tokio::join!(fixture.send(), serving);
        assert_eq!(sent.is_ok(), answered, "{codes:?}");
    }
    assert_eq!(fixture.dials(), 1);
}

#[tokio::test]
async fn an_answer_whose_stream_is_reset_does_not_end_regularly() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    for code in [NO_ERROR, INTERNAL_ERROR, CANCEL] {
        let serving = async {
            let stream = peer.request().await;
            peer.send(HEADERS, END_HEADERS, stream, OK).await;
            peer.send(DATA, 0, stream, b"part").await;
            stream
        };
        let (head, stream) = tokio::join!(fixture.head(Bytes::new()), serving);
        let mut body = head.unwrap().into_body();
        let part = body.frame().await.unwrap().unwrap();
        assert_eq!(part.into_data().unwrap(), "part");
        peer.reset(stream, code).await;
        assert!(body.frame().await.unwrap().is_err(), "{code}");
    }
    assert_eq!(
        fixture.dials(),
        1,
        "the connection is none the worse for it"
    );
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_read_to_its_end() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    let serving = async {
        let stream = peer.next_of(HEADERS).await.stream;
        peer.answer(stream, b"too large").await;
        peer.reset(stream, NO_ERROR).await;
    };
    // More than the window of the upstream takes.
    let (head, ()) = tokio::join!(fixture.head(vec![0; 1024 * 1024].into()), serving);
    let body = head.unwrap().into_body().collect().await.unwrap();
    assert_eq!(body.to_bytes(), "too large");
}

#[tokio::test]
async fn leaving_resets_the_stream_before_and_after_the_head_and_keeps_the_connection() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    let stream = tokio::select! {
        _ = fixture.send() => panic!("nothing answers"),
        stream = peer.request() => stream,
    };
    let reset = soon(peer.next_of(RST_STREAM)).await;
    assert_eq!(
        (reset.stream, &*reset.payload),
        (stream, &CANCEL.to_be_bytes()[..])
    );

    let serving = async {
        let stream = peer.request().await;
        peer.send(HEADERS, END_HEADERS, stream, OK).await;
        stream
    };
    let (head, stream) = tokio::join!(fixture.head(Bytes::new()), serving);
    drop(head.unwrap());
    let reset = soon(peer.next_of(RST_STREAM)).await;
    assert_eq!(
        (reset.stream, &*reset.payload),
        (stream, &CANCEL.to_be_bytes()[..])
    );

    let serving = async {
        let stream = peer.request().await;
        peer.answer(stream, b"ok").await;
    };
    let (sent, ()) = tokio::join!(fixture.send(), serving);
    assert_eq!((&*sent.unwrap(), fixture.dials()), ("ok", 1));
}

#[tokio::test]
async fn an_upstream_that_speaks_http_1_alone_is_connected_to_once() {
    for protocols in [&["http/1.1"][..], &[]] {
        let fixture = Fixture::start(protocols).await;
        let serving = async {
            let mut stream = fixture.upstream.accept().await;
            for _ in 0..2 {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n{}") {
                    request.push(stream.read_u8().await.unwrap());
                }
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
                stream.flush().await.unwrap();
            }
            stream
        };
        let sending = async { (fixture.send().await, fixture.send().await) };
        let ((one, other), _stream) = tokio::join!(sending, serving);
        assert_eq!((&*one.unwrap(), &*other.unwrap()), ("ok", "ok"));
        assert_eq!(fixture.dials(), 1, "{protocols:?}");
    }
}

/// `name: value` in HPACK, without an index.
fn header(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    let mut bytes = vec![0, length(name)];
    bytes.extend(name.as_bytes());
    bytes.push(length(value));
    bytes.extend(value.as_bytes());
    bytes
}

#[tokio::test]
async fn a_head_of_too_many_or_too_large_headers_is_refused_and_others_are_served() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    for (lines, value) in [(101, 1), (600, 100)] {
        let serving = async {
            let stream = peer.request().await;
            let mut block = OK.to_vec();
            for line in 0..lines {
                block.extend(header(&format!("x-{line}"), &"a".repeat(value)));
            }
            let mut chunks = block.chunks(16 * 1024).peekable();
            let mut kind = HEADERS;
            while let Some(chunk) = chunks.next() {
                let flags = if chunks.peek().is_none() {
                    END_HEADERS
                } else {
                    0
                };
                peer.send(kind, flags, stream, chunk).await;
                kind = CONTINUATION;
            }
        };
        let (sent, ()) = tokio::join!(fixture.send(), serving);
        let kind = sent.unwrap_err().kind;
        assert!(
            matches!(kind, FailureKind::TooLarge | FailureKind::BadResponse),
            "{kind:?}"
        );
    }
    let serving = async {
        let stream = peer.request().await;
        peer.answer(stream, b"ok").await;
    };
    let (sent, ()) = tokio::join!(fixture.send(), serving);
    assert_eq!((&*sent.unwrap(), fixture.dials()), ("ok", 1));
}

#[tokio::test]
async fn headers_without_end_are_given_up_after_little() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    let flood = async {
        let stream = peer.request().await;
        peer.send(HEADERS, 0, stream, OK).await;
        let block = header("x-flood", &"a".repeat(100)).repeat(100);
        let mut sent = 0;
        // Empty frames are as endless as full ones.
        for chunk in [&block[..], &[]].into_iter().cycle() {
            if !peer.send(CONTINUATION, 0, stream, chunk).await {
                break;
            }
            sent += chunk.len();
        }
        sent
    };
    let (sent, flooded) = tokio::join!(fixture.send(), flood);
    assert_eq!(sent.unwrap_err().kind, FailureKind::BadResponse);
    // Some of it is in the buffers of the system.
    assert!(flooded < 16 * 1024 * 1024, "{flooded} bytes");
    assert_eq!(fixture.pool.open_connections(), 0);
}

#[tokio::test]
async fn an_answer_that_is_not_read_takes_its_window_and_holds_up_no_other() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    // All places but one are taken by answers that nothing reads, in small events.
    let event = [b'e'; 256];
    let window = 256 * 1024;
    let mut unread = Vec::new();
    for _ in 0..31 {
        let serving = async {
            let stream = peer.request().await;
            peer.send(HEADERS, END_HEADERS, stream, OK).await;
            for _ in 0..window / event.len() {
                peer.send(DATA, 0, stream, &event).await;
            }
        };
        let (head, ()) = tokio::join!(fixture.head(Bytes::new()), serving);
        unread.push(head.unwrap().into_body());
    }
    let serving = async {
        let stream = peer.request().await;
        peer.send(HEADERS, END_HEADERS, stream, OK).await;
        // Eight times the window, as the client makes room on the stream and on the connection.
        let (mut room, mut shared) = (window, window - b"ok".len());
        let piece = [b'd'; 16 * 1024];
        for _ in 0..8 * window / piece.len() {
            while room.min(shared) < piece.len() {
                let frame = peer.next_of(WINDOW_UPDATE).await;
                let more = u32::from_be_bytes(frame.payload.try_into().unwrap());
                match frame.stream {
                    0 => shared += more as usize,
                    _ => room += more as usize,
                }
            }
            peer.send(DATA, 0, stream, &piece).await;
            room -= piece.len();
            shared -= piece.len();
        }
        peer.send(DATA, END_STREAM, stream, b"").await;
    };
    let (sent, ()) = tokio::join!(fixture.send(), serving);
    assert_eq!((sent.unwrap().len(), fixture.dials()), (8 * window, 1));
    // What was left unread is still there.
    let mut body = unread.remove(0);
    assert_eq!(
        body.frame()
            .await
            .unwrap()
            .unwrap()
            .into_data()
            .unwrap()
            .len(),
        event.len()
    );
}

#[tokio::test]
async fn an_answer_that_exceeds_its_window_is_reset() {
    let fixture = Fixture::http2().await;
    let mut peer = fixture.warm_up().await;
    let serving = async {
        let stream = peer.request().await;
        peer.send(HEADERS, END_HEADERS, stream, OK).await;
        for _ in 0..16 {
            peer.send(DATA, 0, stream, &[0; 16 * 1024]).await;
        }
        // It is full.
        peer.send(DATA, 0, stream, &[0]).await;
        peer.next_of(RST_STREAM).await
    };
    let (head, reset) = tokio::join!(fixture.head(Bytes::new()), serving);
    assert_eq!(reset.payload, FLOW_CONTROL_ERROR.to_be_bytes());
    let body = head.unwrap().into_body().collect().await;
    assert!(body.is_err());
}

#[tokio::test]
async fn the_limits_are_sent_to_the_upstream() {
    let fixture = Fixture::http2().await;
    let seen = async {
        let mut peer = fixture.accept().await;
        let window = peer.next_of(WINDOW_UPDATE).await;
        assert_eq!(window.stream, 0);
        (peer.1, window.payload)
    };
    let (settings, window) = tokio::select! {
        _ = fixture.send() => panic!("nothing answers"),
        seen = seen => seen,
    };
    let mut settings: Vec<(u8, u32)> = settings
        .chunks(6)
        .map(|pair| (pair[1], u32::from_be_bytes(pair[2..].try_into().unwrap())))
        .collect();
    settings.sort_unstable();
    // No pushes, the window of a stream, and the size of a head.
    assert_eq!(settings, [(2, 0), (4, 256 * 1024), (6, 64 * 1024)]);
    let window = u32::from_be_bytes(window.try_into().unwrap());
    assert_eq!(window + 65_535, 32 * 256 * 1024);
    let page = include_str!("../../../../docs/security.md");
    assert!(
        page.contains("| HTTP/2: requests on a connection, unread bytes of one | 32, 256 KiB |")
    );
}
