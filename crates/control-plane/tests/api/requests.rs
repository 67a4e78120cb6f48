//! Requests that are not as the API takes them.

use crate::support::{HOST, Server, request};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

#[tokio::test]
async fn below_api_no_answer_is_a_page() {
    let server = Server::with_files(vec![("index.html", b"<html>".to_vec())]).await;
    for path in [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/nothing",
        "/api/index.html",
        "/api/%2e%2e/",
        "/api/v2/session",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            server
                .call(method, path, None)
                .await
                .problem(404, "no_such_address");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_refused_with_those_that_would_do() {
    let server = Server::start().await;
    let answer = server.call(Method::PUT, "/api/v1/session", None).await;
    answer.problem(405, "method_not_allowed");
    let allowed = answer.header("allow").unwrap();
    for method in ["GET", "POST", "DELETE"] {
        assert!(allowed.contains(method), "{allowed}");
    }
}

#[tokio::test]
async fn writes_take_json_alone() {
    let server = Server::start().await;
    let token = server.link().await;
    let body = json!({ "token": token }).to_string();
    for media_type in [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/problem+json"),
        None,
    ] {
        let mut sent = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/session")
            .header(header::HOST, HOST)
            .header(header::CONTENT_LENGTH, body.len());
        if let Some(media_type) = media_type {
            sent = sent.header(header::CONTENT_TYPE, media_type);
        }
        let answer = server
            .send(sent.body(Body::from(body.clone())).unwrap())
            .await;
        answer.problem(415, "json_only");
    }
    let sent = request(
        Method::POST,
        "/api/v1/session",
        None,
        Some(json!({ "token": token })),
    );
    assert_eq!(server.send(sent).await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_of_a_body_name_the_field() {
    let server = Server::start().await;
    let post = |body| server.call(Method::POST, "/api/v1/session", Some(body));
    let problem = post(json!({ "token": "x", "colour": "red" }))
        .await
        .problem(422, "unknown_field");
    assert_eq!(problem["field"], "colour");
    let problem = post(json!({})).await.problem(422, "missing_field");
    assert_eq!(problem["field"], "token");
    let problem = post(json!({ "token": 5 }))
        .await
        .problem(422, "invalid_value");
    assert_eq!(problem["field"], "token");
    insta::assert_json_snapshot!("invalid_value", problem);
}

#[tokio::test]
async fn a_list_is_no_object() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let default = "/api/v1/default-model";
    let source = json!({ "name": "Mine", "base_url": "https://a.example/v1", "passthrough": true });
    admin.post("/api/v1/sources", source).await;
    let chosen = admin.put(default, json!({ "ref": "mine/m" })).await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.text());
    let before = admin.get(default).await.json();
    for body in [json!([null]), json!(["mine/n"]), json!([])] {
        let answer = admin.put(default, body).await;
        answer.problem(422, "invalid_value");
    }
    assert_eq!(admin.get(default).await.json(), before);
    let path = "/api/v1/settings";
    admin
        .patch(path, json!([]))
        .await
        .problem(422, "invalid_value");
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let server = Server::start().await;
    let answer = server
        .call(
            Method::POST,
            "/api/v1/session",
            Some(json!({ "token": "x".repeat(300_000) })),
        )
        .await;
    answer.problem(413, "body_too_large");
}

#[tokio::test]
async fn a_name_that_is_no_text_names_nothing() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for path in ["/api/v1/providers/%ff", "/api/v1/sources/%ff/refresh"] {
        admin.get(path).await.problem(404, "no_such_address");
    }
    admin
        .get("/api/v1/providers/..%2f..%2fetc")
        .await
        .problem(404, "not_found");
}
