//! Every row that changes a thing with a version keeps to `If-Match`.

use crate::support::{Admin, Server};
use axum::http::Method;
use serde_json::{Value, json};
use waypost_control_plane::http::api_routes;

/// What is sent to a row in this test.
fn body(operation: &str) -> Option<Value> {
    Some(match operation {
        "editProvider" | "editSource" => json!({ "new_models": "disabled" }),
        "setProviderKey" | "stageProviderKey" | "stageSourceKey" | "setAgentKey" => {
            json!({ "value": "sk-0123456789" })
        }
        "setDefaultModel" => json!({ "ref": null }),
        "editSettings" => json!({ "new_models_start_disabled": true }),
        "replaceAgent" => json!({ "yaml": "name: edge\n# changed" }),
        _ => return None,
    })
}

async fn set_up(admin: &Admin<'_>) {
    let provider = json!({ "name": "edge", "kind": "gateway", "base_url": "https://a.example/v1" });
    let source = json!({
        "name": "Edge two", "slug": "edge2", "base_url": "https://b.example/v1", "passthrough": true
    });
    let agent = json!({ "yaml": "name: edge" });
    for (path, body) in [
        ("/api/v1/providers", provider),
        ("/api/v1/sources", source),
        ("/api/v1/agents", agent),
    ] {
        let answer = admin.post(path, body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert!(answer.header("etag").is_some(), "{path}");
    }
}

/// Brings about what a row changes.
async fn prepare(admin: &Admin<'_>, operation: &str, path: &str) {
    let key = || json!({ "value": "sk-0123456789" });
    let stored = match operation {
        "removeAgentKey" | "removeProviderKey" => Some(key()),
        "setDefaultModel" => Some(json!({ "ref": "edge2/m" })),
        _ => None,
    };
    if let Some(stored) = stored {
        let stored = admin.put(path, stored).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
    }
    if !operation.starts_with("discard") {
        return;
    }
    let (owner, _) = path.split_once("/key/").unwrap();
    match owner.contains("sources") {
        true => {
            let edit = json!({ "auth_value": "sk-old-key-1234" });
            admin.patch(owner, edit).await
        }
        false => admin.put(&format!("{owner}/key"), key()).await,
    };
    let staged = admin.put(&format!("{owner}/key/next"), key()).await;
    assert_eq!(staged.status, 200, "{}", staged.text());
    if operation.starts_with("discardPrevious") {
        let switch = format!("{owner}/key/switch");
        let switched = admin.call(Method::POST, &switch, None).await;
        assert_eq!(switched.status, 200, "{}", switched.text());
    }
}

#[tokio::test]
async fn a_stale_version_changes_nothing_and_the_current_one_does() {
    let mut held = 0;
    for endpoint in api_routes() {
        if !endpoint.versioned || matches!(endpoint.method, Method::GET | Method::POST) {
            continue;
        }
        held += 1;
        let operation = endpoint.operation;
        let server = Server::start().await;
        let admin = server.admin().await;
        set_up(&admin).await;
        let path = endpoint
            .path
            .replace("{name}", "edge")
            .replace("{slug}", "edge2")
            .replace("{gateway}", "edge");
        let shown_at = path.split("/key").next().unwrap().to_owned();
        prepare(&admin, operation, &path).await;
        let before = admin.get(&shown_at).await;
        let method = || endpoint.method.clone();

        let stale = admin
            .call_if(method(), &path, "\"999999\"", body(operation))
            .await;
        let problem = stale.problem(412, "version_conflict");
        assert_eq!(problem["current"], before.json(), "{operation}");
        assert_eq!(admin.get(&shown_at).await.json(), before.json());

        let tag = before.header("etag").unwrap();
        let done = admin.call_if(method(), &path, tag, body(operation)).await;
        assert!(done.status.is_success(), "{operation}: {}", done.text());
        let again = admin.call_if(method(), &path, tag, body(operation)).await;
        assert!(
            matches!(again.status.as_u16(), 404 | 412),
            "{operation}: {}",
            again.text()
        );
    }
    assert_eq!(held, 18);
}

#[tokio::test]
async fn scripts_may_leave_the_version_out() {
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin).await;
    for _ in 0..2 {
        let patch = json!({ "new_models": "disabled" });
        let answer = admin.patch("/api/v1/providers/edge", patch).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let patch = Some(json!({ "new_models": "enabled" }));
    let any = admin.call_if(Method::PATCH, "/api/v1/providers/edge", "*", patch);
    assert_eq!(any.await.status, 200);
}

/// A strong tag names bytes, and a compressed answer has others.
#[tokio::test]
async fn a_compressed_answer_has_a_weak_tag_that_names_the_same_version() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let document = |note: &str| json!({ "yaml": format!("name: bot\n# {note}\n") });
    admin
        .post("/api/v1/agents", document(&"long ".repeat(400)))
        .await;
    let path = "/api/v1/agents/bot";
    let plain = admin.get(path).await;
    let strong = plain.header("etag").unwrap();
    assert!(strong.starts_with('"'), "{strong}");
    let compressed = admin.get_with(path, "accept-encoding", "br").await;
    assert_eq!(compressed.header("content-encoding"), Some("br"));
    let weak = compressed.header("etag").unwrap();
    assert_eq!(weak, format!("W/{strong}"));
    let changed = admin.call_if(Method::PUT, path, weak, Some(document("changed")));
    assert_eq!(changed.await.status, 200);
    let stale = admin.call_if(Method::PUT, path, weak, Some(document("again")));
    stale.await.problem(412, "version_conflict");
}
