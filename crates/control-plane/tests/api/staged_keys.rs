//! A key that is staged beside the current one, switched to, and switched back from.

use crate::support::{Admin, Server};
use crate::upstream::Upstream;
use axum::http::Method;
use serde_json::{Value, json};

const OLD: &str = "sk-old-key-0001";
const NEW: &str = "sk-canary-0123456789";
const OWNERS: [&str; 2] = ["/api/v1/providers/mygw", "/api/v1/sources/mine"];

/// A gateway and a source at an upstream that takes the new key, each with the old one.
async fn set_up(admin: &Admin<'_>) -> Upstream {
    let upstream = Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await;
    let base_url = &upstream.base_url;
    let gateway =
        json!({ "name": "mygw", "kind": "gateway", "base_url": base_url, "allow_private": true });
    assert_eq!(admin.post("/api/v1/providers", gateway).await.status, 201);
    let key = json!({ "value": OLD });
    admin.put("/api/v1/providers/mygw/key", key).await;
    let source = json!({
        "name": "Mine", "base_url": base_url, "allow_private": true, "auth_value": OLD
    });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    upstream
}

async fn view(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn done(admin: &Admin<'_>, method: Method, path: &str, body: Option<Value>) -> Value {
    let answer = admin.call(method, path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// The key that a test sends.
async fn sent(admin: &Admin<'_>, upstream: &Upstream, path: &str, body: Value) -> String {
    admin.post(&format!("{path}/test"), body).await;
    let (_, headers) = upstream.seen().pop().unwrap();
    headers["authorization"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_staged_tested_switched_to_and_switched_back_from() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let upstream = set_up(&admin).await;
    let (old, new) = (format!("Bearer {OLD}"), format!("Bearer {NEW}"));
    for path in OWNERS {
        let key = format!("{path}/key");
        let staged = json!({ "value": NEW });
        let shown = done(&admin, Method::PUT, &format!("{key}/next"), Some(staged)).await;
        let next = &shown["key"]["next"];
        assert_eq!(next["hint"], "6789", "{shown}");
        assert_eq!(next["verification"]["state"], "not_verified", "{shown}");
        assert_eq!(shown["key"]["hint"], "0001", "{shown}");
        // Requests carry the current key until the switch.
        assert_eq!(sent(&admin, &upstream, path, json!({})).await, old);
        let before = view(&admin, path).await;
        let test = json!({ "key": "next" });
        assert_eq!(sent(&admin, &upstream, path, test).await, new);
        let shown = view(&admin, path).await;
        let next = &shown["key"]["next"];
        assert_eq!(next["verification"]["state"], "verified", "{shown}");
        assert_eq!(shown["last_test"], before["last_test"]);
        assert_eq!(shown["verification"]["state"], "refused", "{shown}");

        let switched = done(&admin, Method::POST, &format!("{key}/switch"), None).await;
        assert_eq!(switched["key"]["hint"], "6789", "{switched}");
        assert_eq!(switched["key"]["next"], json!(null));
        assert_eq!(switched["key"]["previous"]["hint"], "0001", "{switched}");
        assert!(switched["key"]["previous"]["until"].as_i64() > Some(3_600));
        assert_eq!(switched["verification"]["state"], "verified", "{switched}");
        assert_eq!(switched["last_test"], json!(null), "it was the old key's");
        assert_eq!(sent(&admin, &upstream, path, json!({})).await, new);

        let back = done(&admin, Method::POST, &format!("{key}/switch-back"), None).await;
        assert_eq!(back["key"]["hint"], "0001", "{back}");
        assert_eq!(back["key"]["previous"], json!(null));
        assert_eq!(back["key"]["next"]["hint"], "6789", "{back}");
        assert_eq!(back["verification"]["state"], "refused", "{back}");
        assert_eq!(sent(&admin, &upstream, path, json!({})).await, old);

        let gone = done(&admin, Method::DELETE, &format!("{key}/next"), None).await;
        assert_eq!(gone["key"]["next"], json!(null));
        let again = admin.delete(&format!("{key}/next")).await;
        again.problem(404, "not_found");
    }
    let audit = admin.get("/api/v1/audit?limit=1").await.json();
    assert_eq!(audit["items"][0]["action"], "source.key.next.discard");
}

#[tokio::test]
async fn a_step_that_has_nothing_to_work_on_is_refused() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let upstream = set_up(&admin).await;
    for path in OWNERS {
        let call = |step: &str| format!("{path}/key/{step}");
        let refused = admin.call(Method::POST, &call("switch"), None).await;
        refused.problem(409, "no_staged_key");
        let refused = admin.call(Method::POST, &call("switch-back"), None).await;
        refused.problem(409, "no_previous_key");
        let test = format!("{path}/test");
        let refused = admin.post(&test, json!({ "key": "next" })).await;
        refused.problem(409, "no_staged_key");
        let mixed = json!({ "key": "next", "base_url": upstream.base_url });
        let mixed = admin.post(&test, mixed).await;
        assert_eq!(mixed.problem(422, "unexpected_field")["field"], "key");
        let refused = json!({ "value": "sk-wrong-11111111", "check": true });
        let refused = admin.put(&call("next"), refused).await;
        refused.problem(422, "key_refused");
        assert_eq!(view(&admin, path).await["key"]["next"], json!(null));
        let accepted = json!({ "value": NEW, "check": true });
        let accepted = admin.put(&call("next"), accepted).await.json();
        let state = &accepted["key"]["next"]["verification"]["state"];
        assert_eq!(state, "verified", "{accepted}");
    }
    let edit = admin.patch(OWNERS[1], json!({ "key": "next" })).await;
    edit.problem(422, "unknown_field");
}

#[tokio::test]
async fn a_replaced_key_is_kept_and_can_be_destroyed_at_once() {
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin).await;
    for path in OWNERS {
        match path.contains("sources") {
            true => admin.patch(path, json!({ "auth_value": NEW })).await,
            false => {
                let key = json!({ "value": NEW });
                admin.put(&format!("{path}/key"), key).await
            }
        };
        let shown = view(&admin, path).await;
        assert_eq!(shown["key"]["hint"], "6789", "{shown}");
        assert_eq!(shown["key"]["previous"]["hint"], "0001", "{shown}");
        let back = format!("{path}/key/switch-back");
        let shown = done(&admin, Method::POST, &back, None).await;
        assert_eq!(shown["key"]["hint"], "0001", "{shown}");
        let switch = format!("{path}/key/switch");
        done(&admin, Method::POST, &switch, None).await;
        let previous = format!("{path}/key/previous");
        let shown = done(&admin, Method::DELETE, &previous, None).await;
        assert_eq!(shown["key"]["previous"], json!(null), "{shown}");
        let refused = admin.call(Method::POST, &back, None).await;
        refused.problem(409, "no_previous_key");
    }
}

#[tokio::test]
async fn another_origin_drops_staged_and_previous_keys() {
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin).await;
    for path in OWNERS {
        let next = format!("{path}/key/next");
        let staged = |key| Some(json!({ "value": key }));
        done(&admin, Method::PUT, &next, staged(NEW)).await;
        let switch = format!("{path}/key/switch");
        done(&admin, Method::POST, &switch, None).await;
        done(&admin, Method::PUT, &next, staged(OLD)).await;
        // Neither name is in the snapshot that every browser gets.
        let snapshot = admin.get("/api/v1/snapshot").await;
        assert!(!snapshot.text().contains("/next"), "{}", snapshot.text());
        let moved = json!({ "base_url": "https://other.example/v1" });
        let shown = admin.patch(path, moved).await.json();
        let keys = (&shown["key"]["next"], &shown["key"]["previous"]);
        assert_eq!(keys, (&json!(null), &json!(null)), "{shown}");
        let refused = admin.call(Method::POST, &switch, None).await;
        refused.problem(409, "no_staged_key");
    }
}
