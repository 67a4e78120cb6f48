//! Signing in and out.

use crate::support::{Answer, Options, Server, masked, request};
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, Method, StatusCode};
use serde_json::json;
use std::net::SocketAddr;
use waypost_api_types::Role;
use waypost_control_plane::store::token_hash;

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
    assert!(cookie.contains("; Secure"), "{cookie}");
}

/// Sends a sign-in token from an address, as a proxy at 127.0.0.1 forwards it.
async fn sign_in_from(server: &Server, forwarded: Option<&str>, token: &str) -> Answer {
    let body = json!({ "token": token });
    let mut sent = request(Method::POST, "/api/v1/session", None, Some(body));
    let peer: SocketAddr = "127.0.0.1:4711".parse().unwrap();
    sent.extensions_mut().insert(ConnectInfo(peer));
    if let Some(forwarded) = forwarded {
        let value = HeaderValue::from_str(forwarded).unwrap();
        sent.headers_mut().insert("x-forwarded-for", value);
    }
    server.send(sent).await
}

#[tokio::test]
async fn a_valid_link_signs_in_whatever_failed_before() {
    let server = Server::start().await;
    for _ in 0..10 {
        let answer = sign_in_from(&server, None, "wrong").await;
        answer.problem(401, "invalid_link");
    }
    let limited = sign_in_from(&server, None, "wrong").await;
    limited.problem(429, "too_many_failures");
    let seconds: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&seconds));

    let link = server.link().await;
    let answer = sign_in_from(&server, None, &link).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    // A second use of the link keeps the session of the first.
    let again = sign_in_from(&server, None, &link).await;
    again.problem(429, "too_many_failures");
    assert_eq!(again.header("set-cookie"), None);
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_limit() {
    let server = Server::start_with(Options {
        trusted_proxies: vec!["127.0.0.0/8"],
        ..Options::default()
    })
    .await;
    for _ in 0..10 {
        // What the client itself writes to the left does not make it another one.
        let answer = sign_in_from(&server, Some("203.0.113.9, 192.0.2.7"), "wrong").await;
        answer.problem(401, "invalid_link");
    }
    let limited = sign_in_from(&server, Some("203.0.113.10, 192.0.2.7"), "wrong").await;
    limited.problem(429, "too_many_failures");
    let other = sign_in_from(&server, Some("192.0.2.8"), "wrong").await;
    other.problem(401, "invalid_link");
}

#[tokio::test]
async fn without_a_trusted_proxy_a_forwarded_address_is_not_believed() {
    let server = Server::start().await;
    for number in 0..10 {
        let forwarded = format!("192.0.2.{number}");
        let answer = sign_in_from(&server, Some(&forwarded), "wrong").await;
        answer.problem(401, "invalid_link");
    }
    let limited = sign_in_from(&server, Some("192.0.2.99"), "wrong").await;
    limited.problem(429, "too_many_failures");
}

#[tokio::test]
async fn a_background_poll_does_not_extend_the_session() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    // Another process has signed in an hour ago, with a token known here.
    let (name, token) = cookie.split_once('=').unwrap();
    let other = format!("{token}x");
    let hash = server.database.bytes_literal(&token_hash(&other));
    server
        .database
        .execute(&format!(
            "INSERT INTO sessions (token_hash, public_id, role, created_at, last_seen_at, expires_at)
             SELECT {hash}, 'other', role, created_at - 3600, last_seen_at - 3600,
                    expires_at - 3600
             FROM sessions"
        ))
        .await;
    server.app.sessions().refresh().await.unwrap();
    let cookie = format!("{name}={other}");
    let expires = async |background: bool| {
        let mut sent = request(Method::GET, "/api/v1/session", Some(&cookie), None);
        if background {
            let one = HeaderValue::from_static("1");
            sent.headers_mut().insert("x-waypost-background", one);
        }
        server.send(sent).await.json()["expires_at"]
            .as_i64()
            .unwrap()
    };
    let first = expires(true).await;
    assert_eq!(expires(true).await, first);
    assert!(expires(false).await >= first + 3600);
}

#[tokio::test]
async fn signing_in_needs_the_database_and_being_signed_in_does_not() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    server.store.close().await;
    let shown = request(Method::GET, "/api/v1/session", Some(&cookie), None);
    assert_eq!(server.send(shown).await.status, StatusCode::OK);
}

#[tokio::test]
async fn neither_link_nor_cookie_is_in_the_database() {
    let server = Server::start().await;
    let link = server.link().await;
    let cookie = server.sign_in().await;
    let token = cookie.split_once('=').unwrap().1;
    let bytes = server.database.bytes().await;
    let contains = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(contains("sign_in_link.make"));
    for secret in [link.as_str(), token] {
        assert!(!contains(secret));
    }
}

#[tokio::test]
async fn sessions_are_listed_by_browser_and_ended_one_by_one() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
    let server = Server::start().await;
    let sign_in = async |user_agent: Option<&'static str>, role| {
        let link = server.link_for(role).await;
        let mut sent = request(
            Method::POST,
            "/api/v1/session",
            None,
            Some(json!({ "token": link })),
        );
        if let Some(user_agent) = user_agent {
            let value = HeaderValue::from_static(user_agent);
            sent.headers_mut().insert("user-agent", value);
        }
        let answer = server.send(sent).await;
        let cookie = answer.header("set-cookie").unwrap();
        cookie.split(';').next().unwrap().to_owned()
    };
    let mine = sign_in(None, Role::Admin).await;
    let firefox = sign_in(Some(FIREFOX), Role::Viewer).await;
    let call = async |method: Method, path: &str, cookie: &str| {
        server.send(request(method, path, Some(cookie), None)).await
    };
    let list = "/api/v1/sessions";
    let listed = call(Method::GET, list, &mine).await.json();
    let [own, other] = listed["items"].as_array().unwrap().as_slice() else {
        panic!("{listed}");
    };
    assert_eq!((&own["current"], &own["label"]), (&json!(true), &json!("")));
    assert_eq!(other["label"], "Firefox on Linux");
    assert_eq!(other["role"], "viewer");
    assert!(!other["address"].as_str().unwrap().is_empty());

    // A viewer sees only their own, and ends none.
    let seen = call(Method::GET, list, &firefox).await.json();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    assert_eq!(seen["items"][0]["id"], other["id"]);
    let path = format!("{list}/{}", other["id"].as_str().unwrap());
    let refused = call(Method::DELETE, &path, &firefox).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    assert_eq!(call(Method::DELETE, &path, &mine).await.status, 204);
    let gone = call(Method::GET, "/api/v1/session", &firefox).await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED, "at once");
    call(Method::DELETE, &path, &mine)
        .await
        .problem(404, "not_found");
    let audit = call(Method::GET, "/api/v1/audit", &mine).await.json();
    let event = &audit["items"][0];
    assert_eq!(event["action"], "session.end_other");
    let target = event["target"].as_str().unwrap();
    assert!(target.ends_with(" Firefox on Linux"), "{target}");
    let begun = &audit["items"][1];
    let actor = begun["actor"].as_str().unwrap();
    assert!(actor.ends_with(" Firefox on Linux"), "{actor}");
    let role = json!({ "field": "role", "before": null, "after": "viewer" });
    assert!(
        begun["changes"].as_array().unwrap().contains(&role),
        "{begun}"
    );
}
