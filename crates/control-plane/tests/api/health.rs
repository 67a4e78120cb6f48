//! Probes: whether requests are forwarded, whether changes can be made, and why not.

use crate::support::{Answer, Options, Server, request};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use waypost_control_plane::store::paused_store::Hook;
use waypost_control_plane::store::{StoreError, StoreErrorKind};

fn shown(answer: &Answer) -> (u16, serde_json::Value) {
    (answer.status.as_u16(), answer.json())
}

/// Waits until a probe answers like this. It asks the database once a second.
async fn until(server: &Server, path: &str, expected: (u16, serde_json::Value)) {
    let asking = async {
        while shown(&server.get(path).await) != expected {
            tokio::task::yield_now().await;
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(30), asking).await;
    asked.unwrap_or_else(|_| panic!("{path} never answers {expected:?}"));
}

/// Fails these calls to the database while the flag is set.
fn failing(names: &'static [&'static str], flag: &Arc<AtomicBool>) -> Hook {
    let flag = Arc::clone(flag);
    Box::new(move |call| {
        let fails = names.contains(&call) && flag.load(Ordering::SeqCst);
        Box::pin(std::future::ready(match fails {
            true => Err(StoreError::of_kind(StoreErrorKind::DiskFull)),
            false => Ok(()),
        }))
    })
}

#[tokio::test]
async fn it_is_ready_while_it_forwards_although_the_database_is_gone() {
    let server = Server::start().await;
    assert_eq!(server.get("/healthz").await.text(), "ok\n");
    let fine = (200, json!({ "status": "ok", "reasons": [] }));
    assert_eq!(shown(&server.get("/readyz").await), fine);
    assert_eq!(shown(&server.get("/readyz?for=writes").await), fine);
    server.store.close().await;
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    let gone = json!({ "status": "degraded", "reasons": ["database_unreachable"] });
    until(&server, "/readyz", (200, gone.clone())).await;
    assert_eq!(shown(&server.get("/readyz?for=writes").await), (503, gone));
    for wrong in [
        "/readyz?for=reads",
        "/readyz?for=writes&for=writes",
        "/readyz?x=1",
    ] {
        let answer = server.get(wrong).await;
        answer.problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_written_stops_changes_and_no_request() {
    let is_full = Arc::new(AtomicBool::new(true));
    let server = Server::start_with(Options {
        before_each_call: Some(failing(&["writable"], &is_full)),
        ..Options::default()
    })
    .await;
    let full = json!({ "status": "degraded", "reasons": ["database_read_only"] });
    assert_eq!(shown(&server.get("/readyz").await), (200, full.clone()));
    let for_writes = "/readyz?for=writes";
    assert_eq!(shown(&server.get(for_writes).await), (503, full));
    is_full.store(false, Ordering::SeqCst);
    until(
        &server,
        for_writes,
        (200, json!({ "status": "ok", "reasons": [] })),
    )
    .await;
}

#[tokio::test]
async fn a_database_that_hangs_does_not_hang_the_probe() {
    let hangs = Arc::new(AtomicBool::new(false));
    let hung = Arc::clone(&hangs);
    let server = Server::start_with(Options {
        before_each_call: Some(Box::new(move |_| {
            let hangs = hung.load(Ordering::SeqCst);
            Box::pin(async move {
                match hangs {
                    true => std::future::pending().await,
                    false => Ok(()),
                }
            })
        })),
        ..Options::default()
    })
    .await;
    hangs.store(true, Ordering::SeqCst);
    let probe = tokio::time::timeout(Duration::from_secs(10), server.get("/readyz"));
    let (status, body) = shown(&probe.await.expect("the probe does not wait"));
    assert_eq!((status, &body["status"]), (200, &json!("degraded")));
    assert_eq!(
        body["reasons"],
        json!(["database_unreachable", "database_read_only"])
    );
}

#[tokio::test]
async fn without_the_database_for_too_long_nothing_is_forwarded() {
    let is_lost = Arc::new(AtomicBool::new(false));
    let server = Server::start_with(Options {
        max_stale: Some(Duration::from_secs(3)),
        before_each_call: Some(failing(&["generation", "tokens", "routing_rows"], &is_lost)),
        ..Options::default()
    })
    .await;
    // As `waypost serve` does.
    let tokens = server.app.workspace().live_tokens().clone();
    let following = tokio::spawn(tokens.follow());
    let admin = server.admin().await;
    let input = json!({ "kind": "service", "role": "viewer" });
    let created = admin.post("/api/v1/tokens", input).await.json();
    let token = format!("Bearer {}", created["token"].as_str().unwrap());
    let list = || {
        let request = Request::get("/api/v1/agents").header("host", "localhost");
        let request = request.header("authorization", &token);
        server.send(request.body(Body::empty()).unwrap())
    };
    let chat = || {
        let request = Request::post("/v1/chat/completions").body(Body::from("{}"));
        server.send(request.unwrap())
    };
    let fine = (200, json!({ "status": "ok", "reasons": [] }));
    until(&server, "/readyz", fine.clone()).await;
    assert_eq!(list().await.status, StatusCode::OK);

    is_lost.store(true, Ordering::SeqCst);
    let reasons = ["stale_configuration", "database_unreachable"];
    let stale = json!({ "status": "degraded", "reasons": reasons });
    until(&server, "/readyz", (503, stale)).await;
    let answer = chat().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-waypost-code")),
        (503, Some("stale_configuration"))
    );
    assert_eq!(answer.header("retry-after"), Some("5"));
    // The token may have been revoked meanwhile.
    list().await.problem(503, "stale_configuration");
    // The dashboard still shows what is wrong.
    let settings = admin.get("/api/v1/settings").await;
    assert_eq!(settings.status, StatusCode::OK);

    is_lost.store(false, Ordering::SeqCst);
    until(&server, "/readyz", fine).await;
    assert_eq!(chat().await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(list().await.status, StatusCode::OK);
    following.abort();
}

#[tokio::test]
async fn probes_share_one_question_to_the_database() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let server = Server::start_with(Options {
        before_each_call: Some(Box::new(move |call| {
            counted.fetch_add(usize::from(call == "writable"), Ordering::SeqCst);
            Box::pin(std::future::ready(Ok(())))
        })),
        ..Options::default()
    })
    .await;
    let begun = std::time::Instant::now();
    for _ in 0..50 {
        assert_eq!(server.get("/readyz").await.status, StatusCode::OK);
    }
    let seconds = begun.elapsed().as_secs() as usize;
    assert!(asked.load(Ordering::SeqCst) <= 1 + seconds);
}

#[tokio::test]
async fn every_reading_of_the_database_counts_as_contact() {
    let fails = Arc::new(AtomicBool::new(false));
    let server = Server::start_with(Options {
        before_each_call: Some(failing(&["tokens"], &fails)),
        ..Options::default()
    })
    .await;
    let workspace = server.app.workspace();
    let tokens = workspace.live_tokens();
    let before = tokens.age();
    fails.store(true, Ordering::SeqCst);
    tokens.refresh().await.unwrap_err();
    assert!(tokens.age() >= before, "a failure is no contact");
    // A table that is up to date does not make up for tokens that are not.
    assert!(workspace.configuration_age() >= before);
    fails.store(false, Ordering::SeqCst);
    let reading = std::time::Instant::now();
    tokens.refresh().await.unwrap();
    assert!(tokens.age() <= reading.elapsed());
}

#[tokio::test]
async fn a_process_that_stops_is_not_ready() {
    let server = Server::start().await;
    server.app.drain().begin();
    let stopping = json!({ "status": "degraded", "reasons": ["shutting_down"] });
    assert_eq!(shown(&server.get("/readyz").await), (503, stopping));
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_listener_for_inference_serves_that_and_probes_alone() {
    let server = Server::start_with(Options {
        inference_listener: true,
        files: vec![("index.html", b"<title>Waypost</title>".to_vec())],
        ..Options::default()
    })
    .await;
    let list = || request(Method::GET, "/v1/models", None, None);
    let code = |answer: &Answer| answer.header("x-waypost-code").map(str::to_owned);
    let answer = server.send_to_inference(list()).await;
    assert_eq!(
        (answer.status.as_u16(), code(&answer).as_deref()),
        (401, Some("invalid_token"))
    );
    // The dashboard's port has nothing there any more.
    server.send(list()).await.problem(404, "no_such_address");

    for probe in ["/healthz", "/readyz"] {
        let request = Request::get(probe).header("host", "10.0.0.7:8701");
        let answer = server.send_to_inference(request.body(Body::empty()).unwrap());
        assert_eq!(answer.await.status, StatusCode::OK, "{probe}");
    }
    let settings = server.admin().await.get("/api/v1/settings").await.json();
    assert_eq!(settings["inference_port"], 8701);
    assert_eq!(settings["forwards"], true);
    let cookie = server.sign_in().await;
    for path in [
        "/",
        "/models/gateways",
        "/api/v1/session",
        "/api/openapi.json",
        "/sample/v1/models",
        "/metrics",
    ] {
        let sent = request(Method::GET, path, Some(&cookie), None);
        let answer = server.send_to_inference(sent).await;
        answer.problem(404, "no_such_address");
    }
}
