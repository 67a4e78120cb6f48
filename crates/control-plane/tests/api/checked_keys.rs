//! Keys that are checked before they are saved.

use crate::support::{Admin, Server};
use crate::upstream::Upstream;
use axum::http::Method;
use serde_json::{Value, json};

const KEY: &str = "sk-canary-0123456789";
const WRONG: &str = "sk-wrong-9876543210";
const GATEWAY: &str = "/api/v1/providers/mygw";
const SOURCE: &str = "/api/v1/sources/mine";

async fn upstream() -> Upstream {
    Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await
}

async fn add_gateway(admin: &Admin<'_>, base_url: &str) {
    let gateway =
        json!({ "name": "mygw", "kind": "gateway", "base_url": base_url, "allow_private": true });
    assert_eq!(admin.post("/api/v1/providers", gateway).await.status, 201);
}

async fn view(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn last_action(admin: &Admin<'_>) -> String {
    let audit = admin.get("/api/v1/audit?limit=1").await.json();
    audit["items"][0]["action"].as_str().unwrap().to_owned()
}

/// Joins the refresh that saving has started, which is done then.
async fn refreshed(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.post(&format!("{path}/refresh"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    view(admin, path).await
}

#[tokio::test]
async fn an_accepted_key_is_saved_as_verified_and_the_models_are_refreshed() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    add_gateway(&admin, &upstream.base_url).await;
    let body = json!({ "value": KEY, "check": true });
    let saved = admin.put(&format!("{GATEWAY}/key"), body).await;
    assert_eq!(saved.status, 200, "{}", saved.text());
    let shown = saved.json();
    assert_eq!(shown["key"]["state"], "configured", "{shown}");
    assert_eq!(shown["verification"]["state"], "verified", "{shown}");
    assert_eq!(shown["last_test"]["outcome"], "ok", "{shown}");
    let shown = refreshed(&admin, GATEWAY).await;
    assert_eq!(shown["models"]["total"], 1, "{shown}");

    let source = json!({
        "name": "Mine", "base_url": upstream.base_url, "allow_private": true,
        "auth_value": KEY, "check": true
    });
    let added = admin.post("/api/v1/sources", source).await;
    assert_eq!(added.status, 201, "{}", added.text());
    assert_eq!(added.json()["verification"]["state"], "verified");
    let shown = refreshed(&admin, SOURCE).await;
    assert_eq!(shown["models"]["total"], 1, "{shown}");
    let change = json!({ "headers": { "X-Tenant": "blue" }, "check": true });
    let edited = admin.patch(SOURCE, change).await.json();
    assert_eq!(edited["verification"]["state"], "verified", "{edited}");
}

#[tokio::test]
async fn a_refused_key_is_not_saved_and_the_one_before_stays() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    add_gateway(&admin, &upstream.base_url).await;
    let source = json!({
        "name": "Mine", "base_url": upstream.base_url, "allow_private": true, "auth_value": KEY
    });
    admin.post("/api/v1/sources", source).await;
    let key = format!("{GATEWAY}/key");
    admin.put(&key, json!({ "value": KEY })).await;
    for (method, write, path, field, action) in [
        (Method::PUT, &*key, GATEWAY, "value", "provider.key.set"),
        (Method::PATCH, SOURCE, SOURCE, "auth_value", "source.edit"),
    ] {
        let before = view(&admin, path).await;
        let mut body = json!({ "check": true });
        body[field] = json!(WRONG);
        let refused = admin.call(method.clone(), write, Some(body.clone())).await;
        let problem = refused.problem(422, "key_refused");
        assert_eq!(problem["field"], field);
        assert_eq!(problem["check"]["outcome"], "unauthorized", "{problem}");
        assert!(!refused.text().contains(WRONG));
        assert_eq!(view(&admin, path).await, before, "nothing was saved");
        assert_eq!(last_action(&admin).await, format!("{action}.failed"));
        // The same without the check is saved, and known to be nothing.
        body["check"] = json!(false);
        let saved = admin.call(method, write, Some(body)).await;
        assert_eq!(saved.status, 200, "{}", saved.text());
        let shown = view(&admin, path).await;
        assert_eq!(shown["verification"]["state"], "not_verified");
        assert_eq!(last_action(&admin).await, action);
    }
    let source = json!({
        "name": "Other", "base_url": upstream.base_url, "allow_private": true,
        "auth_value": WRONG, "check": true
    });
    let refused = admin.post("/api/v1/sources", source).await;
    refused.problem(422, "key_refused");
    let missing = admin.get("/api/v1/sources/other").await;
    missing.problem(404, "not_found");
    assert_eq!(last_action(&admin).await, "source.add.failed");
}

#[tokio::test]
async fn what_cannot_be_checked_has_its_own_code() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    add_gateway(&admin, &format!("{}/nowhere", upstream.base_url)).await;
    let body = json!({ "value": KEY, "check": true });
    let refused = admin.put(&format!("{GATEWAY}/key"), body).await;
    let problem = refused.problem(422, "key_not_checked");
    assert_eq!(problem["check"]["outcome"], "not_found", "{problem}");
    assert_eq!(view(&admin, GATEWAY).await["key"]["state"], "missing");
}

#[tokio::test]
async fn a_stale_version_and_an_invalid_value_are_refused_before_anything_is_sent() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    add_gateway(&admin, &upstream.base_url).await;
    let source = json!({ "name": "Mine", "base_url": upstream.base_url, "allow_private": true });
    admin.post("/api/v1/sources", source).await;
    let key = format!("{GATEWAY}/key");
    let body = json!({ "value": KEY, "check": true });
    let stale = admin.call_if(Method::PUT, &key, "\"0\"", Some(body)).await;
    stale.problem(412, "version_conflict");
    let body = json!({ "auth_value": KEY, "check": true });
    let stale = admin.call_if(Method::PATCH, SOURCE, "\"0\"", Some(body));
    stale.await.problem(412, "version_conflict");
    let body = json!({ "value": "two\nlines", "check": true });
    admin
        .put(&key, body)
        .await
        .problem(422, "invalid_secret_value");
    let taken = json!({
        "name": "x", "slug": "mine", "base_url": upstream.base_url, "allow_private": true,
        "auth_value": KEY, "check": true
    });
    let taken = admin.post("/api/v1/sources", taken).await;
    taken.problem(409, "name_taken");
    // A change that requests do not show needs no check.
    let renamed = json!({ "name": "Ours", "check": true });
    assert_eq!(admin.patch(SOURCE, renamed).await.json()["name"], "Ours");
    assert_eq!(upstream.seen().len(), 0);
}
