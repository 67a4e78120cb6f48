//! What every request and every answer is held to.

use crate::support::{HOST, Server, request};
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn a_foreign_host_is_refused_everywhere() {
    let server = Server::start().await;
    for path in ["/", "/api/v1/session", "/api/openapi.json", "/nothing"] {
        for host in [
            "attacker.example",
            "attacker.example:8700",
            "127.0.0.1:8701",
            "10.0.0.1:8700",
        ] {
            let request = Request::builder()
                .uri(path)
                .header(header::HOST, host)
                .body(Body::empty())
                .unwrap();
            server.send(request).await.problem(403, "host_not_allowed");
        }
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        server.send(request).await.problem(403, "host_not_allowed");
    }
}

#[tokio::test]
async fn probes_are_answered_under_any_host() {
    let server = Server::start().await;
    for path in ["/healthz", "/readyz"] {
        for host in [Some("10.0.0.1:8700"), Some("attacker.example"), None] {
            let mut request = Request::builder().uri(path);
            if let Some(host) = host {
                request = request.header(header::HOST, host);
            }
            let answer = server.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK, "{path} {host:?}");
        }
        let longer = Request::builder().uri(format!("{path}/x"));
        let answer = server.send(longer.body(Body::empty()).unwrap()).await;
        answer.problem(403, "host_not_allowed");
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_of_our_own() {
    let server = Server::start().await;
    let mut ids = std::collections::BTreeSet::new();
    for path in ["/", "/healthz", "/api/v1/session", "/api/nothing"] {
        let mut sent = request(Method::GET, path, None, None);
        let theirs = HeaderValue::from_static("of-the-client");
        sent.headers_mut().insert("x-request-id", theirs);
        let answer = server.send(sent).await;
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(ids.insert(id), "each request has its own");
    }
}

#[tokio::test]
async fn answers_of_reading_endpoints_are_compressed_and_small_or_secret_ones_are_not() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    let ask = async |method, path, body, encodings: &'static str| {
        let mut sent = request(method, path, Some(&cookie), body);
        let encodings = HeaderValue::from_static(encodings);
        sent.headers_mut()
            .insert(header::ACCEPT_ENCODING, encodings);
        server.send(sent).await
    };
    let plain = server.send(request(
        Method::GET,
        "/api/v1/providers",
        Some(&cookie),
        None,
    ));
    let plain = plain.await;
    assert!(plain.body.len() > 1024);
    assert_eq!(plain.header("content-encoding"), None);
    for (encodings, used) in [("br, gzip", "br"), ("gzip", "gzip")] {
        let answer = ask(Method::GET, "/api/v1/providers", None, encodings).await;
        assert_eq!(answer.header("content-encoding"), Some(used));
        assert!(answer.header("vary").unwrap().contains("accept-encoding"));
        assert!(answer.body.len() * 2 < plain.body.len());
    }
    let route = json!({ "ref": "litellm/gpt-4o" });
    let answer = ask(Method::POST, "/api/v1/route", Some(route), "br").await;
    // It is made while a runtime waits, and compressing takes longer than resolving.
    assert_eq!(answer.header("content-encoding"), None);
    // Small, and answers of writes.
    let small = ask(Method::GET, "/api/v1/session", None, "br").await;
    assert_eq!(small.header("content-encoding"), None);
    let key = json!({ "value": "sk-0123456789abcdef" });
    let written = ask(
        Method::PUT,
        "/api/v1/providers/litellm/key",
        Some(key),
        "br",
    )
    .await;
    assert_eq!(written.status, StatusCode::OK, "{}", written.text());
    assert_eq!(written.header("content-encoding"), None);
}

#[tokio::test]
async fn the_hosts_of_a_local_browser_and_of_a_development_proxy_are_answered() {
    let server = Server::start().await;
    for host in [HOST, "localhost:8700", "[::1]:8700", "127.0.0.1"] {
        let request = Request::builder()
            .uri("/healthz")
            .header(header::HOST, host)
            .body(Body::empty())
            .unwrap();
        assert_eq!(server.send(request).await.status, StatusCode::OK, "{host}");
    }
}

#[tokio::test]
async fn writes_that_another_site_sends_are_refused() {
    let server = Server::start().await;
    let link = server.link().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://attacker.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:3000"),
    ] {
        let mut sent = request(
            Method::POST,
            "/api/v1/session",
            None,
            Some(json!({ "token": link })),
        );
        sent.headers_mut()
            .insert(name, HeaderValue::from_static(value));
        server.send(sent).await.problem(403, "cross_site");
    }
    // The link is still good: none of the requests came through.
    let mut sent = request(
        Method::POST,
        "/api/v1/session",
        None,
        Some(json!({ "token": link })),
    );
    let headers = sent.headers_mut();
    headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    headers.insert("origin", HeaderValue::from_static("http://127.0.0.1:8700"));
    assert_eq!(server.send(sent).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server =
        Server::with_files(vec![("index.html", b"<script>start()</script>".to_vec())]).await;
    for path in [
        "/",
        "/healthz",
        "/api/v1/session",
        "/api/nothing",
        "/nothing",
    ] {
        let answer = server.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name} of {path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.header("strict-transport-security"), None);
        assert!(
            answer
                .headers
                .keys()
                .all(|name| !name.as_str().starts_with("access-control-"))
        );
    }
    let page = server.get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'none'"), "{policy}");
}

#[tokio::test]
async fn over_https_browsers_are_kept_there() {
    let server = Server::behind("https://waypost.example").await;
    let answer = server.get("/healthz").await;
    assert_eq!(
        answer.header("strict-transport-security"),
        Some("max-age=31536000")
    );
    let named = Request::builder()
        .uri("/healthz")
        .header(header::HOST, "waypost.example")
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(named).await.status, StatusCode::OK);
}
