//! What an upstream receives, and what of its answer comes back.

use super::fixture::{Fixture, Listener, gateway, read, request, snapshot};
use crate::Outcome;
use std::net::Ipv4Addr;
use tokio::io::AsyncWriteExt as _;
use waypost_routing::body_routing::BODY_ROUTING_FIELDS;
use waypost_routing::resolution::RouteKind;
use waypost_routing::source::{SourceEntry, SourceHeader};

const AGENT: &str = "name: a\nmodel: { primary: gw/openai/gpt-4o }\n";

#[tokio::test]
async fn the_body_passes_byte_for_byte_but_for_the_model() {
    let upstream = Listener::start().await;
    let mut fixture = Fixture::new(snapshot(&[("gw", upstream.address())], &[AGENT]));
    let body = "{ \"messages\":[{\"content\":\"<\\u00e4 \\/ 1.0>\"}],\n \"model\" : \"gw/openai/gpt-4o\",\"model2\":1e5 }\n";
    let sent = fixture.send("/v1/chat/completions?trace=%7e&x", body);
    let served = async {
        let (mut connection, wire) = upstream.accept().await;
        let answer = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nset-cookie: a=b\r\nserver: x\r\nretry-after: 3\r\nx-waypost-code: forged\r\ncontent-length: 12\r\n\r\n{ \"ok\": 1.0}";
        connection.write_all(answer.as_bytes()).await.unwrap();
        wire
    };
    let (response, wire) = tokio::join!(sent, served);
    let address = upstream.address();
    let expected = body.replace("gw/openai/gpt-4o", "openai/gpt-4o");
    assert_eq!(wire.body, expected);
    let mut lines: Vec<&str> = wire.head.trim_end().lines().collect();
    assert_eq!(
        lines.remove(0),
        "POST /api/v1/chat/completions?trace=%7e&x HTTP/1.1"
    );
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "authorization: Bearer key-of-gw/api-key",
            format!("content-length: {}", expected.len()).as_str(),
            "content-type: application/json",
            format!("host: {address}").as_str(),
            "x-team: one",
        ]
    );

    let answer = read(response).await;
    assert_eq!(
        (answer.status, &*answer.body),
        (201, &b"{ \"ok\": 1.0}"[..])
    );
    assert_eq!(answer.header("content-length"), Some("12"));
    assert_eq!(answer.header("retry-after"), Some("3"));
    assert_eq!(answer.header("x-waypost-route"), Some("gateway"));
    assert_eq!(answer.header("x-waypost-provider"), Some("gw"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("sandbox; default-src 'none'")
    );
    for absent in [
        "set-cookie",
        "server",
        "x-waypost-code",
        "x-waypost-fallback",
    ] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }

    let record = fixture.records.recv().await.unwrap();
    assert_eq!(Some(&*record.id), answer.header("x-waypost-request-id"));
    assert_eq!((&*record.agent, &*record.token), ("a", "t1"));
    assert_eq!((record.status, record.outcome), (201, Outcome::Answered));
    assert_eq!((record.bytes_in, record.bytes_out), (body.len() as u64, 12));
    let [attempt] = &record.attempts[..] else {
        panic!("{:?}", record.attempts);
    };
    assert_eq!(attempt.kind, Some(RouteKind::Gateway));
    assert_eq!(attempt.provider.as_deref(), Some("gw"));
    assert_eq!(attempt.wire_model.as_deref(), Some("openai/gpt-4o"));
    assert_eq!(attempt.credential.as_deref(), Some("secret:gw/api-key"));
    assert_eq!((attempt.status, &attempt.code), (Some(201), &None));
}

#[tokio::test]
async fn each_operation_has_its_own_path() {
    let upstream = Listener::start().await;
    let fixture = Fixture::new(snapshot(&[("gw", upstream.address())], &[AGENT]));
    for (path, expected) in [
        ("/v1/chat/completions", "/api/v1/chat/completions"),
        ("/v1/responses", "/api/v1/responses"),
        ("/v1/embeddings", "/api/v1/embeddings"),
        ("/v1/completions", "/api/v1/completions"),
        ("/v1/moderations", "/api/v1/moderations"),
        ("/v1/rerank", "/api/v1/rerank"),
        ("/v1/images/generations", "/api/v1/images/generations"),
        ("/v1/audio/speech?x", "/api/v1/audio/speech?x"),
        ("/v1/messages?beta=true", "/api/v1/messages?beta=true"),
        ("/v1/messages/count_tokens", "/api/v1/messages/count_tokens"),
    ] {
        let served = async {
            let (mut connection, wire) = upstream.accept().await;
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(answer).await.unwrap();
            wire
        };
        let sent = fixture.send(path, r#"{"model":"gw/openai/gpt-4o"}"#);
        let (response, wire) = tokio::join!(sent, served);
        assert_eq!(read(response).await.status, 200, "{path}");
        let start = format!("POST {expected} HTTP/1.1\r\n");
        assert!(wire.head.starts_with(&start), "{}", wire.head);
    }
}

#[tokio::test]
async fn an_answer_that_is_audio_passes_byte_for_byte() {
    let upstream = Listener::start().await;
    let fixture = Fixture::new(snapshot(&[("gw", upstream.address())], &[AGENT]));
    let served = async {
        let (mut connection, _) = upstream.accept().await;
        let head =
            b"HTTP/1.1 200 OK\r\ncontent-type: audio/mpeg\r\ntransfer-encoding: chunked\r\n\r\n";
        connection.write_all(head).await.unwrap();
        for chunk in [
            &b"4\r\nID3\x00\r\n"[..],
            b"8\r\n\xff\xfb\n\ndata\r\n",
            b"0\r\n\r\n",
        ] {
            connection.write_all(chunk).await.unwrap();
            connection.flush().await.unwrap();
        }
        // Held until the answer has been read.
        connection
    };
    let body = r#"{"model":"gw/openai/tts-1","input":"Hello","voice":"alloy"}"#;
    let sent = fixture.send("/v1/audio/speech", body);
    let (response, _connection) = tokio::join!(sent, served);
    let answer = read(response).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("audio/mpeg"));
    assert_eq!(&*answer.body, b"ID3\x00\xff\xfb\n\ndata");
}

#[tokio::test]
async fn a_header_of_the_route_wins_and_a_callers_credentials_stay() {
    let upstream = Listener::start().await;
    let mut snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    let entry = &mut snapshot.providers[0];
    entry.default_headers = [("User-Agent".to_owned(), "route/1".to_owned())].into();
    let fixture = Fixture::new(snapshot);
    let mut request = request("/v1/embeddings", "agent:a", r#"{"model":"gw/x/y"}"#);
    for (name, value) in [
        ("user-agent", "caller/1"),
        ("accept", "text/event-stream"),
        ("anthropic-beta", "one"),
        ("anthropic-beta", "two"),
        ("authorization", "Bearer sk-callers"),
        ("cookie", "session=1"),
        ("x-goog-api-key", "callers"),
        ("content-type", "text/plain"),
        ("accept-encoding", "gzip"),
        ("openai-organization", "org"),
        ("traceparent", "agent:a"),
    ] {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    let served = async {
        let (mut connection, wire) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
        wire
    };
    let client = Ipv4Addr::LOCALHOST.into();
    let (_, wire) = tokio::join!(fixture.forwarding.answer(request, client), served);
    let mut names: Vec<&str> = wire.head.trim_end().lines().skip(1).collect();
    names.sort_unstable();
    let address = upstream.address();
    assert_eq!(
        names,
        [
            "accept-encoding: identity",
            "accept: text/event-stream",
            "anthropic-beta: one",
            "anthropic-beta: two",
            "authorization: Bearer key-of-gw/api-key",
            "content-length: 15",
            "content-type: application/json",
            format!("host: {address}").as_str(),
            "user-agent: route/1",
        ]
    );
}

#[tokio::test]
async fn a_passthrough_model_goes_to_its_source_with_its_secrets() {
    let upstream = Listener::start().await;
    let agent = "name: a\nmodel: { primary: alias, source: own }\nsubagents: { s: { model: { primary: own/alias, source: own } } }\n";
    let mut snapshot = snapshot(&[], &[agent]);
    let origin = format!("http://{}", upstream.address());
    snapshot.sources.push(SourceEntry {
        slug: "own".to_owned(),
        name: "Own".to_owned(),
        base_url: format!("{origin}/v1"),
        auth_header: Some("x-key".to_owned()),
        headers: vec![SourceHeader {
            name: "X-Tenant".to_owned(),
            value: None,
        }],
        passthrough: true,
        limits: Default::default(),
        pass_headers: Vec::new(),
    });
    snapshot.granted_origins.insert(origin.clone());
    for name in ["sources/own/auth-value", "sources/own/headers"] {
        snapshot
            .secrets
            .stored
            .insert(name.to_owned(), origin.clone());
    }
    let fixture = Fixture::new(snapshot);
    for model in ["alias", "own/alias::subagent::s"] {
        let served = async {
            let (mut connection, wire) = upstream.accept().await;
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(answer).await.unwrap();
            wire
        };
        let (answer, wire) = tokio::join!(fixture.chat(model), served);
        assert_eq!(answer.header("x-waypost-route"), Some("passthrough"));
        assert_eq!(answer.header("x-waypost-provider"), Some("own"));
        assert_eq!(wire.body, r#"{"model":"alias"}"#, "{model}");
        for line in [
            "x-key: key-of-sources/own/auth-value\r\n",
            "x-tenant: sources/own/headers-x-tenant\r\n",
        ] {
            assert!(wire.head.contains(line), "{}", wire.head);
        }
        assert!(!wire.head.contains("authorization"), "{}", wire.head);
    }
}

#[tokio::test]
async fn a_private_address_of_an_agents_own_is_called_once_it_is_allowed() {
    let upstream = Listener::start().await;
    let origin = format!("http://{}", upstream.address());
    let agent = format!(
        "name: a\nmodel: {{ primary: alias, passthrough: true, base_url: '{origin}/v1' }}\n"
    );
    let mut snapshot = snapshot(&[], &[&agent]);
    let fixture = Fixture::new(snapshot.clone());
    let refused = fixture.chat("alias").await;
    assert_eq!(refused.code(), (502, "address_not_allowed"));

    snapshot.agents[0].allow_private = vec![origin];
    let fixture = Fixture::new(snapshot);
    let served = async {
        let (mut connection, wire) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
        wire
    };
    let (answer, wire) = tokio::join!(fixture.chat("alias"), served);
    assert_eq!(answer.status, 200);
    assert!(
        wire.head.starts_with("POST /v1/chat/completions "),
        "{}",
        wire.head
    );
}

#[tokio::test]
async fn a_body_that_a_gateway_may_route_by_is_flagged_and_refused_where_that_is_set() {
    let upstream = Listener::start().await;
    let mut snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    let body = r#"{"model":"gw/openai/gpt-4o","mod\u0065ls":["a"],"messages":[]}"#;
    let mut fixture = Fixture::new(snapshot.clone());
    let served = async {
        let (mut connection, wire) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
        wire
    };
    let sent = fixture.send("/v1/chat/completions", body);
    let (response, wire) = tokio::join!(sent, served);
    assert_eq!(read(response).await.status, 200);
    assert_eq!(wire.body, body.replace("gw/openai/gpt-4o", "openai/gpt-4o"));
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(record.flags, ["body_may_reroute"]);

    snapshot.refuse_body_routing = true;
    let mut fixture = Fixture::new(snapshot);
    for field in BODY_ROUTING_FIELDS
        .into_iter()
        .chain(["Models", "FALLBACKS"])
    {
        let body = format!(r#"{{"{field}":null,"model":"gw/openai/gpt-4o"}}"#);
        let refused = read(fixture.send("/v1/chat/completions", &body).await).await;
        assert_eq!(refused.code(), (422, "body_routing_refused"), "{field}");
        assert_eq!(refused.json()["error"]["param"], serde_json::Value::Null);
        let record = fixture.records.recv().await.unwrap();
        assert_eq!(record.flags, ["body_may_reroute"]);
        assert!(record.attempts.is_empty());
    }
    let served = async {
        let (mut connection, _) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
    };
    let inner = r#"{"model":"gw/openai/gpt-4o","metadata":{"models":[],"provider":1},"modelss":1}"#;
    let sent = fixture.send("/v1/chat/completions", inner);
    let (response, ()) = tokio::join!(sent, served);
    assert_eq!(read(response).await.status, 200);
    assert!(fixture.records.recv().await.unwrap().flags.is_empty());
}

#[tokio::test]
async fn a_token_opens_the_agent_of_its_id_whatever_the_name_is_by_now() {
    let upstream = Listener::start().await;
    let mut snapshot = snapshot(&[("gw", upstream.address())], &["name: a\n", "name: b\n"]);
    // The agent that was `a` is `b` by now, and another one is `a`.
    snapshot.agents[0].id = "two".to_owned();
    snapshot.agents[1].id = "one".to_owned();
    let mut fixture = Fixture::new(snapshot);
    let send = |token| {
        let request = request("/v1/messages", token, r#"{"model":"gw/openai/x"}"#);
        fixture
            .forwarding
            .answer(request, Ipv4Addr::LOCALHOST.into())
    };
    let served = async {
        let (mut connection, _) = upstream.accept().await;
        let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        connection.write_all(answer).await.unwrap();
    };
    let (answer, ()) = tokio::join!(send("agent:a#one"), served);
    assert_eq!(read(answer).await.status, 200);
    let gone = read(send("agent:a#gone").await).await;
    assert_eq!(gone.code(), (401, "invalid_token"));
    let record = fixture.records.recv().await.unwrap();
    assert_eq!(
        (&*record.agent, record.agent_id.as_deref()),
        ("b", Some("one"))
    );
}

#[tokio::test]
async fn what_is_rejected_is_not_sent() {
    let upstream = Listener::start().await;
    let mut snapshot = snapshot(&[("gw", upstream.address())], &[AGENT]);
    snapshot
        .providers
        .push(gateway("keyless", "https://gw.example/v1"));
    let fixture = Fixture::new(snapshot.clone());
    let missing = fixture.chat("keyless/openai/x").await;
    assert_eq!(missing.code(), (422, "missing_api_key"));
    assert_eq!(missing.json()["error"]["param"], "model");
    assert_eq!(fixture.chat("a//b").await.code(), (422, "empty_segment"));
    assert_eq!(fixture.chat("").await.code(), (422, "empty"));

    snapshot.granted_origins.clear();
    let fixture = Fixture::new(snapshot.clone());
    let private = fixture.chat("gw/openai/x").await;
    assert_eq!(private.code(), (502, "address_not_allowed"));

    let limits = crate::ForwardingLimits::default();
    let fixture = Fixture::with(snapshot, limits, true);
    let unavailable = fixture.chat("gw/openai/x").await;
    assert_eq!(unavailable.code(), (503, "secrets_unavailable"));
    assert!(unavailable.header("retry-after").is_some());
}
