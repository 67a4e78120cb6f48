//! Signing in and out.

use crate::support::{Server, masked, request};
use axum::http::{Method, StatusCode};
use serde_json::json;
use waypost_control_plane::store::FILE_NAME;

#[tokio::test]
async fn a_link_signs_in_once() {
    let server = Server::start().await;
    let token = server.link().await;
    let body = json!({ "token": token });
    let answer = server
        .call(Method::POST, "/api/v1/session", Some(body.clone()))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let shown = masked(answer.json(), &["/expires_at", "/version"]);
    insta::assert_json_snapshot!("session", shown);
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");

    let again = server
        .call(Method::POST, "/api/v1/session", Some(body))
        .await;
    let problem = again.problem(401, "invalid_link");
    assert_eq!(problem["field"], "token");
    assert_eq!(again.header("set-cookie"), None);
    assert!(!again.text().contains(&token));
}

#[tokio::test]
async fn a_session_is_shown_until_it_is_signed_out() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    let show = || request(Method::GET, "/api/v1/session", Some(&cookie), None);
    assert_eq!(server.send(show()).await.status, StatusCode::OK);
    let out = server
        .send(request(
            Method::DELETE,
            "/api/v1/session",
            Some(&cookie),
            None,
        ))
        .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    server.send(show()).await.problem(401, "not_signed_in");
}

#[tokio::test]
async fn signing_in_again_gives_another_token_and_ends_the_session_before() {
    let server = Server::start().await;
    let first = server.sign_in().await;
    let body = json!({ "token": server.link().await });
    let answer = server
        .send(request(
            Method::POST,
            "/api/v1/session",
            Some(&first),
            Some(body),
        ))
        .await;
    let second = answer
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert_ne!(first, second);
    let show = |cookie| request(Method::GET, "/api/v1/session", Some(cookie), None);
    server
        .send(show(&first))
        .await
        .problem(401, "not_signed_in");
    assert_eq!(server.send(show(&second)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn over_https_the_cookie_is_secure_and_held_to_its_host() {
    let server = Server::behind("https://waypost.example").await;
    let body = json!({ "token": server.link().await });
    let answer = server
        .call(Method::POST, "/api/v1/session", Some(body))
        .await;
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-waypost-"), "{cookie}");
    assert!(cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn an_address_that_tries_too_often_must_wait_even_with_a_good_link() {
    let server = Server::start().await;
    for _ in 0..10 {
        server
            .call(
                Method::POST,
                "/api/v1/session",
                Some(json!({ "token": "wrong" })),
            )
            .await
            .problem(401, "invalid_link");
    }
    let body = json!({ "token": server.link().await });
    let answer = server
        .call(Method::POST, "/api/v1/session", Some(body))
        .await;
    answer.problem(429, "too_many_failures");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds));
}

#[tokio::test]
async fn neither_link_nor_cookie_is_in_the_database() {
    let server = Server::start().await;
    let link = server.link().await;
    let cookie = server.sign_in().await;
    let token = cookie.split_once('=').unwrap().1;
    for file in [FILE_NAME.to_owned(), format!("{FILE_NAME}-wal")] {
        let bytes = std::fs::read(server.folder.path().join(file)).unwrap();
        for secret in [link.as_str(), token] {
            assert!(
                !bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes())
            );
        }
    }
}
