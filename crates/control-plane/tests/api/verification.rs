//! What is known about the credentials of providers and sources.

use crate::support::{Admin, Options, Server};
use crate::upstream::Upstream;
use serde_json::{Value, json};

const KEY: &str = "sk-canary-0123456789";
const WRONG: &str = "sk-wrong-9876543210";
const GATEWAY: &str = "/api/v1/providers/mygw";
const SOURCE: &str = "/api/v1/sources/mine";

async fn upstream() -> Upstream {
    Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await
}

/// A gateway and a source at this base URL with this key.
async fn set_up(admin: &Admin<'_>, base_url: &str, key: &str) {
    let gateway =
        json!({ "name": "mygw", "kind": "gateway", "base_url": base_url, "allow_private": true });
    assert_eq!(admin.post("/api/v1/providers", gateway).await.status, 201);
    let source = json!({ "name": "Mine", "base_url": base_url, "allow_private": true });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    set_keys(admin, key).await;
}

async fn set_keys(admin: &Admin<'_>, key: &str) {
    let path = format!("{GATEWAY}/key");
    assert_eq!(admin.put(&path, json!({ "value": key })).await.status, 200);
    let edited = admin.patch(SOURCE, json!({ "auth_value": key })).await;
    assert_eq!(edited.status, 200, "{}", edited.text());
}

async fn view(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The state of the credential, which the list and the single view agree on.
async fn state(admin: &Admin<'_>, path: &str) -> String {
    let one = view(admin, path).await;
    let (list, name) = path.rsplit_once('/').unwrap();
    let list = view(admin, list).await;
    let items = list["items"].as_array().unwrap();
    let listed = items
        .iter()
        .find(|item| item["name"] == name || item["slug"] == name)
        .unwrap();
    assert_eq!(listed["verification"], one["verification"]);
    one["verification"]["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_test_or_a_refresh_verifies_the_stored_key() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url, KEY).await;
    for path in [GATEWAY, SOURCE] {
        let unknown = json!({ "state": "not_verified", "at": null });
        assert_eq!(view(&admin, path).await["verification"], unknown);
        admin.post(&format!("{path}/test"), json!({})).await;
        let shown = view(&admin, path).await["verification"].clone();
        assert_eq!(
            (&shown["state"], &shown["code"]),
            (&json!("verified"), &json!("ok"))
        );
        assert!(shown["at"].as_i64() > Some(0), "{shown}");
        assert!(!shown["message"].as_str().unwrap().is_empty(), "{shown}");
    }
    set_keys(&admin, WRONG).await;
    for path in [GATEWAY, SOURCE] {
        assert_eq!(state(&admin, path).await, "not_verified", "{path}");
        admin.post(&format!("{path}/refresh"), json!({})).await;
        let shown = view(&admin, path).await["verification"].clone();
        assert_eq!(
            (&shown["state"], &shown["code"]),
            (&json!("refused"), &json!("unauthorized"))
        );
    }
}

#[tokio::test]
async fn a_new_key_is_not_verified_and_hides_what_was_refused_before() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url, WRONG).await;
    for path in [GATEWAY, SOURCE] {
        admin.post(&format!("{path}/test"), json!({})).await;
        admin.post(&format!("{path}/refresh"), json!({})).await;
        let shown = view(&admin, path).await;
        assert_eq!(shown["last_test"]["outcome"], "unauthorized", "{shown}");
        assert_eq!(state(&admin, path).await, "refused", "{path}");
    }
    set_keys(&admin, KEY).await;
    for path in [GATEWAY, SOURCE] {
        let shown = view(&admin, path).await;
        assert_eq!(state(&admin, path).await, "not_verified", "{path}");
        let outcomes = (&shown["last_test"], &shown["last_refresh"]);
        assert_eq!(outcomes, (&json!(null), &json!(null)), "{path}");
    }
}

#[tokio::test]
async fn another_origin_is_not_verified_and_the_old_one_again_is() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url, KEY).await;
    admin.post(&format!("{GATEWAY}/test"), json!({})).await;
    assert_eq!(state(&admin, GATEWAY).await, "verified");
    let slashed = json!({ "base_url": format!("{}/", upstream.base_url) });
    admin.patch(GATEWAY, slashed).await;
    assert_eq!(state(&admin, GATEWAY).await, "verified");
    let moved = json!({ "base_url": "https://other.example/v1" });
    admin.patch(GATEWAY, moved).await;
    assert_eq!(state(&admin, GATEWAY).await, "not_verified");
    // The stored key stayed bound to the origin that it was verified at.
    let back = json!({ "base_url": upstream.base_url, "allow_private": true });
    admin.patch(GATEWAY, back).await;
    assert_eq!(state(&admin, GATEWAY).await, "verified");
}

#[tokio::test]
async fn what_says_nothing_about_the_key_changes_nothing() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url, KEY).await;
    // Unsaved values, good and bad.
    for (path, field) in [(GATEWAY, "value"), (SOURCE, "auth_value")] {
        for value in [KEY, WRONG] {
            let mut body = json!({});
            body[field] = json!(value);
            admin.post(&format!("{path}/test"), body).await;
            assert_eq!(state(&admin, path).await, "not_verified", "{path}");
        }
    }
    // An answer that is neither accepting nor refusing.
    let elsewhere = format!("{}/nowhere", upstream.base_url);
    admin.patch(GATEWAY, json!({ "base_url": elsewhere })).await;
    let report = admin.post(&format!("{GATEWAY}/test"), json!({})).await;
    assert_eq!(report.json()["outcome"], "not_found");
    assert_eq!(state(&admin, GATEWAY).await, "not_verified");
}

#[tokio::test]
async fn a_changed_header_or_static_header_is_another_credential() {
    let upstream = upstream().await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url, KEY).await;
    for change in [
        json!({ "auth_header": "x-api-key" }),
        json!({ "auth_header": null, "headers": { "X-Tenant": "blue" } }),
        json!({ "headers": { "X-Tenant": "red" } }),
        json!({ "headers": null, "auth_value": null }),
    ] {
        admin.patch(SOURCE, change.clone()).await;
        assert_eq!(state(&admin, SOURCE).await, "not_verified", "{change}");
        admin.post(&format!("{SOURCE}/test"), json!({})).await;
        assert_ne!(state(&admin, SOURCE).await, "not_verified", "{change}");
    }
}

#[tokio::test]
async fn a_key_from_the_environment_is_verified_too() {
    let upstream = upstream().await;
    let server = Server::start_with(Options {
        environment: vec![("MINE_KEY", KEY)],
        env_keys: vec!["MINE_KEY"],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let gateway = json!({
        "name": "mygw", "kind": "gateway", "base_url": upstream.base_url, "allow_private": true,
        "api_key_env": "MINE_KEY"
    });
    admin.post("/api/v1/providers", gateway).await;
    admin.post(&format!("{GATEWAY}/test"), json!({})).await;
    assert_eq!(state(&admin, GATEWAY).await, "verified");
    let path = format!("{GATEWAY}/key");
    admin.put(&path, json!({ "value": WRONG })).await;
    assert_eq!(state(&admin, GATEWAY).await, "not_verified");
    admin.delete(&path).await;
    assert_eq!(state(&admin, GATEWAY).await, "verified");
}
