//! The metrics, and who may read them.

use crate::forwarding::{chat, set_up};
use crate::support::{Answer, Server};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;
use std::collections::BTreeSet;
use waypost_egress::test_support::{Reply, Upstream};

async fn scrape(server: &Server, token: Option<&str>, host: &str) -> Answer {
    let mut request = Request::get("/metrics").header("host", host);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

/// The value of a series.
#[track_caller]
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    let value = line.unwrap_or_else(|| panic!("no {series} in\n{text}"));
    value.trim().parse().unwrap()
}

#[tokio::test]
async fn a_service_token_reads_the_metrics_and_nothing_else_does() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let base_url = format!("http://{}/api/v1", upstream.address);
    let (_, agent) = set_up(&admin, &base_url).await;
    let input = json!({ "kind": "service", "role": "viewer" });
    let created = admin.post("/api/v1/tokens", input).await.json();
    let service = created["token"].as_str().unwrap();

    let answer = scrape(&server, Some(service), "localhost").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let refused = scrape(&server, None, "localhost").await;
    refused.problem(401, "not_signed_in");
    let refused = scrape(&server, Some(&agent), "localhost").await;
    refused.problem(403, "agent_token");
    let refused = scrape(&server, Some(service), "10.0.0.7:8700").await;
    refused.problem(403, "host_not_allowed");

    let signed_in = admin.get("/metrics").await;
    assert_eq!(signed_in.status, StatusCode::OK);

    // On its own listener it takes neither, and there is nothing else.
    let metrics = |path: &str| {
        let request = Request::get(path).header("host", "10.0.0.7:9090");
        server.send_to_metrics(request.body(Body::empty()).unwrap())
    };
    assert!(
        metrics("/metrics")
            .await
            .text()
            .contains("waypost_build_info")
    );
    let probe = metrics("/readyz").await;
    assert_eq!(probe.status, StatusCode::OK);
    assert!(probe.header("x-request-id").is_some());
    for path in ["/", "/api/v1/session", "/v1/models", "/api/openapi.json"] {
        metrics(path).await.problem(404, "no_such_address");
    }
}

#[tokio::test]
async fn requests_are_counted_by_configured_names_alone() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let upstream = Upstream::always(Reply::json(200, "{}")).await;
    let base_url = format!("http://{}/api/v1", upstream.address);
    let (_, token) = set_up(&admin, &base_url).await;
    for _ in 0..2 {
        assert_eq!(server.send(chat(&token)).await.status, StatusCode::OK);
    }
    for number in 0..50 {
        let model = format!("made-up-{number}/model");
        let request = Request::post("/v1/chat/completions")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(json!({ "model": model }).to_string()));
        let answer = server.send(request.unwrap()).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
    }
    let text = server.app.metrics_text();
    let labels = "{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"gw\",waypost_route_kind=\"gateway\",error_type=\"\"}";
    for series in [
        "gen_ai_server_request_duration_seconds_count",
        "waypost_upstream_first_byte_seconds_count",
        "waypost_upstream_attempts_total",
    ] {
        assert_eq!(value(&text, &format!("{series}{labels}")) as u32, 2);
    }
    assert!(!text.contains("made-up"), "{text}");
    let series: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.starts_with("gen_ai_server_request_duration_seconds_count"))
        .collect();
    assert_eq!(series.len(), 2, "{text}");
    assert_eq!(value(&text, "waypost_requests_running ") as u32, 0);
    assert_eq!(value(&text, "waypost_credentials_cached ") as u32, 1);
    assert!(value(&text, "waypost_configuration_age_seconds ") < 60.0);
}

#[tokio::test]
async fn what_is_under_way_is_counted_while_it_is() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let upstream = Upstream::always(Reply::Stall(Vec::new())).await;
    let base_url = format!("http://{}/api/v1", upstream.address);
    let (_, token) = set_up(&admin, &base_url).await;
    let running = |text: &str| value(text, "waypost_requests_running ") as u32;
    let mut sent = Box::pin(server.send(chat(&token)));
    loop {
        tokio::select! {
            answer = &mut sent => panic!("{}", answer.text()),
            () = tokio::task::yield_now() => {}
        }
        let text = server.app.metrics_text();
        if running(&text) == 1 && !upstream.received().is_empty() {
            let buffered = value(&text, "waypost_request_bodies_buffered_bytes ");
            assert!(buffered > 0.0, "{text}");
            break;
        }
    }
    drop(sent);
    assert_eq!(running(&server.app.metrics_text()), 0);
    let text = server.app.metrics_text();
    assert!(text.contains("error_type=\"cancelled\""), "{text}");
}
