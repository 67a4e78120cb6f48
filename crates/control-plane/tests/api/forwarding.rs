//! Forwarding with the real workspace: tokens, routing table and stored keys.

use crate::support::{Admin, Answer, Options, Server};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use waypost_egress::test_support::{Received, Reply, Upstream};
use waypost_secrets::{
    BackendError, SealedSecret, SecretsBackend, SecretsBackendKind, StoredVersion,
};

const KEY: &str = "sk-canary-0123456789";
const BODY: &str = r#"{"stream": false, "model": "gw/openai/gpt-4o", "n": 1.0}"#;

/// A gateway with a stored key, an agent, and a token of that agent.
pub(crate) async fn set_up(admin: &Admin<'_>, base_url: &str) -> (String, String) {
    let gateway = json!({
        "name": "gw", "kind": "gateway", "base_url": base_url, "allow_private": true,
        "default_headers": { "X-Team": "blue" }
    });
    assert_eq!(admin.post("/api/v1/providers", gateway).await.status, 201);
    set_key(admin, KEY).await;
    let yaml = "name: bot\nmodel: { primary: gw/openai/gpt-4o }\n";
    let added = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let input = json!({ "kind": "agent", "agent": "bot" });
    let created = admin.post("/api/v1/tokens", input).await.json();
    let text = |name: &str| created[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

async fn set_key(admin: &Admin<'_>, key: &str) {
    let saved = admin.put("/api/v1/providers/gw/key", json!({ "value": key }));
    let saved = saved.await;
    assert_eq!(saved.status, 200, "{}", saved.text());
}

pub(crate) fn chat(token: &str) -> Request<Body> {
    Request::post("/v1/chat/completions")
        .header("host", "runtime.internal")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(BODY))
        .unwrap()
}

/// The status and code of an error.
fn code(answer: &Answer) -> (u16, &str) {
    (
        answer.status.as_u16(),
        answer.header("x-waypost-code").unwrap_or(""),
    )
}

fn last(upstream: &Upstream) -> Received {
    upstream.received().last().cloned().unwrap()
}

#[tokio::test]
async fn what_is_sent_is_what_route_preview_shows() {
    let upstream = Upstream::always(Reply::json(200, "{\"id\":1}")).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let base_url = format!("http://{}/api/v1", upstream.address);
    let (_, token) = set_up(&admin, &base_url).await;
    let answer = server.send(chat(&token)).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "{\"id\":1}"));
    assert_eq!(answer.header("x-waypost-route"), Some("gateway"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("sandbox; default-src 'none'")
    );

    let asked = json!({ "agent": "bot" });
    let shown: Value = admin.post("/api/v1/route", asked).await.json();
    let route = &shown["route"];
    let sent = last(&upstream);
    let url = format!("http://{}{}", upstream.address, sent.target);
    assert_eq!(
        (json!(sent.method), json!(url)),
        (route["method"].clone(), route["url"].clone())
    );
    let body = BODY.replace("gw/openai/gpt-4o", route["wire_model"].as_str().unwrap());
    assert_eq!(String::from_utf8(sent.body).unwrap(), body);
    let mut headers = sent.headers;
    headers.retain(|(name, _)| {
        !["host", "content-length", "accept-encoding"].contains(&name.as_str())
    });
    headers.sort();
    let shown: Vec<(String, String)> = route["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| {
            let text = |name: &str| header[name].as_str().unwrap();
            let value = text("value").replace("{{secret:gw/api-key}}", KEY);
            (text("name").to_owned(), value)
        })
        .collect();
    assert_eq!(headers, shown);
}

#[tokio::test]
async fn an_edit_counts_for_the_next_request() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let base_url = format!("http://{}/v1", upstream.address);
    let (id, token) = set_up(&admin, &base_url).await;
    for number in 0..5 {
        let key = format!("sk-canary-{number}-0123456789");
        set_key(&admin, &key).await;
        assert_eq!(server.send(chat(&token)).await.status, 200);
        let expected = format!("Bearer {key}");
        assert_eq!(last(&upstream).header("authorization"), Some(&*expected));
    }
    let sent = upstream.received().len();
    let removed = admin.delete("/api/v1/providers/gw/key").await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    let refused = server.send(chat(&token)).await;
    assert_eq!(
        code(&refused),
        (422, "missing_api_key"),
        "{}",
        refused.text()
    );

    let revoked = admin.delete(&format!("/api/v1/tokens/{id}")).await;
    assert_eq!(revoked.status, 204);
    let refused = server.send(chat(&token)).await;
    assert_eq!(code(&refused), (401, "invalid_token"));
    assert_eq!(upstream.received().len(), sent);
}

#[tokio::test]
async fn only_an_agents_token_opens_forwarding() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let (_, token) = set_up(&admin, &format!("http://{}/v1", upstream.address)).await;
    let input = json!({ "kind": "service", "role": "admin" });
    let created = admin.post("/api/v1/tokens", input).await.json();
    let service = created["token"].as_str().unwrap();
    assert_eq!(
        code(&server.send(chat(service)).await),
        (401, "invalid_token")
    );
    assert_eq!(code(&server.send(chat(KEY)).await), (401, "invalid_token"));
    // A session is no token.
    let with_cookie = admin.post("/v1/chat/completions", json!({ "model": "x" }));
    assert_eq!(code(&with_cookie.await), (401, "invalid_token"));
    let mut different = chat(&token);
    different
        .headers_mut()
        .insert("x-api-key", service.parse().unwrap());
    assert_eq!(code(&server.send(different).await), (401, "invalid_token"));
    assert!(upstream.received().is_empty());

    let mut as_key = chat(&token);
    let value = as_key.headers_mut().remove("authorization").unwrap();
    let value = value
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap()
        .parse();
    as_key.headers_mut().insert("x-api-key", value.unwrap());
    assert_eq!(server.send(as_key).await.status, 200);
}

#[tokio::test]
async fn below_v1_no_answer_is_a_page() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for path in [
        "/v1",
        "/v1/",
        "/v1/key/generate",
        "/v1/index.html",
        "/v1//x",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS] {
            let answer = admin.call(method, path, None).await;
            assert_eq!(code(&answer), (404, "unknown_path"), "{path}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
    }
    let off = Server::start_with(Options {
        no_forwarding: true,
        ..Options::default()
    });
    let off = off.await;
    let answer = off
        .call(Method::POST, "/v1/messages", Some(json!({})))
        .await;
    assert_eq!(
        answer.header("content-security-policy"),
        Some("sandbox; default-src 'none'")
    );
    answer.problem(404, "no_such_address");
    let settings = off.admin().await.get("/api/v1/settings").await.json();
    assert_eq!(settings["forwards"], false);
    assert_eq!(settings["inference_port"], json!(null));
}

/// Reads from a stream until this text has come.
async fn read_until(stream: &mut (impl tokio::io::AsyncRead + Unpin), text: &str) {
    let mut read = String::new();
    while !read.contains(text) {
        let byte = stream.read_u8().await;
        read.push(char::from(
            byte.unwrap_or_else(|_| panic!("{text} is not in {read}")),
        ));
    }
}

/// A server, a caller whose request is under way, and the upstream's connection, on which a stream of
/// events has begun.
async fn streaming() -> (Server, TcpStream, BufReader<TcpStream>) {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::start().await;
    let admin = server.admin().await;
    let base_url = format!("http://{}/v1", upstream.local_addr().unwrap());
    let (_, token) = set_up(&admin, &base_url).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    server.listen(listener);

    let mut caller = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: any.example\r\nx-api-key: {token}\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    caller.write_all(head.as_bytes()).await.unwrap();
    let (stream, _) = upstream.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
    }
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
    stream.write_all(begun.as_bytes()).await.unwrap();
    read_until(&mut caller, "data: 1\n\n").await;
    (server, caller, stream)
}

#[tokio::test]
async fn a_stream_passes_as_it_comes_and_a_caller_that_leaves_ends_it() {
    let (_server, mut caller, mut stream) = streaming().await;
    stream.write_all(b"9\r\ndata: 2\n\n\r\n").await.unwrap();
    read_until(&mut caller, "data: 2\n\n").await;
    drop(caller);
    // What is left of the request, and then the end.
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    let ended = tokio::time::timeout(Duration::from_secs(1), ended);
    let _ = ended
        .await
        .expect("the upstream's connection closes within a second");
}

#[tokio::test]
async fn a_stream_that_breaks_off_reaches_the_caller_with_its_error_and_no_regular_end() {
    let (_server, mut caller, stream) = streaming().await;
    drop(stream);
    let mut rest = Vec::new();
    // The connection may be reset once the event was written.
    let _ = caller.read_to_end(&mut rest).await;
    let rest = String::from_utf8(rest).unwrap();
    assert!(
        rest.contains("data: {\"error\":{\"code\":\"upstream_closed\""),
        "{rest}"
    );
    assert!(!rest.ends_with("0\r\n\r\n"), "{rest}");
}

/// A backend in memory that can stop answering.
#[derive(Default)]
struct Memory {
    values: Mutex<HashMap<String, SealedSecret>>,
    is_silent: AtomicBool,
}

impl Memory {
    /// Returns at once, or never.
    async fn answer(&self) {
        if self.is_silent.load(Ordering::SeqCst) {
            std::future::pending().await
        }
    }
}

#[async_trait]
impl SecretsBackend for Memory {
    fn kind(&self) -> SecretsBackendKind {
        SecretsBackendKind::Keychain
    }

    async fn get(&self, name: &str) -> Result<Option<SealedSecret>, BackendError> {
        self.answer().await;
        Ok(self.values.lock().unwrap().get(name).cloned())
    }

    async fn put(
        &self,
        name: &str,
        document: &SealedSecret,
        _over: Option<&StoredVersion>,
    ) -> Result<(), BackendError> {
        self.answer().await;
        let mut values = self.values.lock().unwrap();
        values.insert(name.to_owned(), document.clone());
        Ok(())
    }

    async fn delete(&self, name: &str) -> Result<bool, BackendError> {
        self.answer().await;
        Ok(self.values.lock().unwrap().remove(name).is_some())
    }

    async fn health(&self) -> Result<(), BackendError> {
        self.answer().await;
        Ok(())
    }
}

#[tokio::test]
async fn once_a_key_was_read_no_request_waits_for_the_backend() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let backend = Arc::new(Memory::default());
    let server = Server::start_with(Options {
        backend: Some(backend.clone()),
        ..Options::default()
    });
    let server = server.await;
    let admin = server.admin().await;
    let base_url = format!("http://{}/v1", upstream.address);
    let (_, token) = set_up(&admin, &base_url).await;
    assert_eq!(server.send(chat(&token)).await.status, 200);
    backend.is_silent.store(true, Ordering::SeqCst);
    let sent = tokio::time::timeout(Duration::from_secs(60), server.send(chat(&token)));
    assert_eq!(sent.await.expect("it does not wait").status, 200);
    let expected = format!("Bearer {KEY}");
    assert_eq!(last(&upstream).header("authorization"), Some(&*expected));
}

#[tokio::test]
async fn no_request_waits_for_a_database_that_does_not_answer() {
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let is_hung = Arc::new(AtomicBool::new(false));
    let hangs = Arc::clone(&is_hung);
    let server = Server::start_with(Options {
        before_each_call: Some(Box::new(move |_| {
            let hangs = hangs.load(Ordering::SeqCst);
            Box::pin(async move {
                match hangs {
                    true => std::future::pending().await,
                    false => Ok(()),
                }
            })
        })),
        ..Options::default()
    });
    let server = server.await;
    let admin = server.admin().await;
    let base_url = format!("http://{}/v1", upstream.address);
    let (_, token) = set_up(&admin, &base_url).await;
    let models = || {
        Request::get("/v1/models")
            .header("x-api-key", &token)
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(server.send(chat(&token)).await.status, 200);
    let listed = server.send(models()).await;
    is_hung.store(true, Ordering::SeqCst);
    let sending = async {
        for _ in 0..3 {
            assert_eq!(server.send(chat(&token)).await.status, 200);
            assert_eq!(server.send(models()).await.json(), listed.json());
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(5), sending);
    sent.await.expect("neither waits for the database");
}
