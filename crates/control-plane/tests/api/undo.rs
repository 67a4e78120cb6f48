//! `/api/v1/undo`.

use crate::support::{Server, masked, request};
use axum::http::Method;
use serde_json::json;
use waypost_api_types::Role;

const KEY: &str = "sk-or-v1-undo-canary-0123";

#[tokio::test]
async fn a_removed_key_is_restored_and_never_shown() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let path = "/api/v1/providers/openrouter/key";
    let set = admin.put(path, json!({ "value": KEY })).await;
    let removed = admin.delete(path).await;
    assert_eq!(removed.status, 200, "{}", removed.text());
    assert!(removed.header("etag").is_some());
    insta::assert_json_snapshot!(
        "removed_key",
        masked(removed.json(), &["/undo/token", "/provider"])
    );
    let token = removed.json()["undo"]["token"].as_str().unwrap().to_owned();
    let undo = format!("/api/v1/undo/{token}");
    let restored = admin.post(&undo, json!({})).await;
    assert_eq!(restored.status, 200, "{}", restored.text());
    insta::assert_json_snapshot!("restored_key", restored.json());
    let view = admin.get("/api/v1/providers/openrouter").await;
    assert_eq!(view.json()["key"], set.json()["key"]);
    let log = admin.get("/api/v1/audit").await;
    assert_eq!(log.json()["items"][0]["action"], "provider.key.restore");
    let again = admin.post(&undo, json!({})).await;
    again.problem(410, "undo_expired");
    for answer in [&removed, &restored, &view, &log, &again] {
        assert!(!answer.text().contains("canary"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_deletion_answers_with_what_takes_it_back() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let source = json!({ "name": "Mine", "base_url": "https://a.example/v1", "auth_value": KEY });
    admin.post("/api/v1/sources", source).await;
    let deleted = admin.delete("/api/v1/sources/mine").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    assert_eq!(deleted.header("etag"), None);
    let answer = deleted.json();
    assert_eq!(answer["undo"]["seconds"], 10);
    let undo = format!("/api/v1/undo/{}", answer["undo"]["token"].as_str().unwrap());
    let post = |cookie: String| server.send(request(Method::POST, &undo, Some(&cookie), None));

    // Neither a viewer nor another administrator has deleted it.
    let viewer = post(server.sign_in_as(Role::Viewer).await).await;
    viewer.problem(403, "forbidden");
    let other = post(server.sign_in().await).await;
    other.problem(410, "undo_expired");

    let again = json!({ "name": "Mine", "base_url": "https://b.example/v1" });
    admin.post("/api/v1/sources", again).await;
    let taken = admin.call(Method::POST, &undo, None).await;
    taken.problem(409, "name_taken");
    let heir = admin.get("/api/v1/sources/mine").await.json();
    assert_eq!(
        (&heir["base_url"], &heir["key"]["state"]),
        (&json!("https://b.example/v1"), &json!("missing"))
    );

    admin.delete("/api/v1/sources/mine").await;
    let restored = admin.call(Method::POST, &undo, None).await;
    insta::assert_json_snapshot!("restored_source", restored.json());
    let back = admin.get("/api/v1/sources/mine").await.json();
    assert_eq!(
        (&back["base_url"], &back["key"]["state"]),
        (&json!("https://a.example/v1"), &json!("configured"))
    );
}
